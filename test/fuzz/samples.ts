// Calls that are valid: the samples of the op table, as steps.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Step, type TensorSpec, type Value } from './program';
import { type Random } from './random';
import { DTYPES } from './tensors';

interface Drawn {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly range: readonly [number, number];
}

type Argument = null | boolean | number | string | readonly Argument[] | { readonly tensor: Drawn } | { readonly tensors: readonly ({ readonly tensor: Drawn } | null)[] } | { readonly float: number | string } | { readonly dtype: string };

interface Op {
  readonly name: string;
  readonly surface: readonly string[];
  readonly inPlace: boolean;
  readonly samples: readonly { readonly args: readonly Argument[] }[];
}

const HOLDERS: Readonly<Record<string, string>> = { Function: '', Functional: 'nn.functional.', Linalg: 'linalg.', Special: 'special.' };

/** The samples of the op table. */
export class Samples {
  private readonly ops: readonly Op[];

  constructor() {
    const all = JSON.parse(readFileSync(join(import.meta.dirname, '../generated/manifest.json'), 'utf8')) as Op[];
    this.ops = all.filter(({ name, surface, samples }) => samples.length > 0 && surface.length > 0 && !name.startsWith('_') && name !== 'index' && name !== 'indexPut');
  }

  /** One of the samples, with dtypes and layouts drawn anew. */
  draw(random: Random): Extract<Step, { call: string }> {
    const op = random.pick(this.ops);
    const floating = random.chance(0.5) ? 'float64' : random.chance(0.6) ? 'float32' : random.pick(DTYPES);
    const args = random.pick(op.samples).args.map((arg) => valueOf(arg, random, floating));
    const isInPlace = op.inPlace && random.chance(0.35) && op.surface.some((surface) => surface.endsWith('Method'));
    const surface = random.pick(op.surface);
    const holder = HOLDERS[surface];
    if (isInPlace) return { call: `${op.name}_`, how: 'method', on: args[0]!, args: args.slice(1) };
    if (holder !== undefined) return { call: holder + op.name, how: 'call', args };
    return { call: surface === 'InPlaceMethod' ? `${op.name}_` : op.name, how: 'method', on: args[0]!, args: args.slice(1) };
  }
}

function valueOf(arg: Argument, random: Random, floating: string): Value {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (Array.isArray(arg)) return { list: (arg as readonly Argument[]).map((part) => valueOf(part, random, floating)) };
  if ('tensor' in arg) return { tensor: specOf(arg.tensor, random, floating) };
  if ('tensors' in arg) return { list: arg.tensors.map((part) => (part === null ? null : { tensor: specOf(part.tensor, random, floating) })) };
  if ('float' in arg) return typeof arg.float === 'number' ? arg.float : { number: arg.float === 'inf' ? 'Infinity' : arg.float === '-inf' ? '-Infinity' : arg.float };
  return (arg as { dtype: string }).dtype;
}

function specOf({ shape, dtype, range }: Drawn, random: Random, floating: string): TensorSpec {
  const isFloating = dtype.includes('float');
  const made = isFloating && random.chance(0.95) ? floating : dtype;
  return {
    shape,
    dtype: made,
    fill: random.chance(0.04) ? 'edge' : isFloating ? 'small' : 'index',
    below: range[1] + 1,
    seed: random.int(0, 1000),
    layout: random.weighted({ dense: 6, transposed: 2, strided: 2, expanded: 1, offset: 2 }),
    requiresGrad: made.includes('float') && random.chance(0.3),
  };
}
