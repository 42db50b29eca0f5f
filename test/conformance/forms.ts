// The ways an op can be called: as PyTorch's function, as a method, in place.
import * as adjoint from 'adjoint';
import { Tensor } from 'adjoint';
import { camel, isTuple } from './decode';
import type { OpVectors } from './vectors';

type Fn = (...args: unknown[]) => unknown;

/** A way to call an op. */
export type Form = (args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => unknown;

/** Keyword arguments that only say what is always so here. */
const ONLY_VALUE: Readonly<Record<string, unknown>> = { device: 'cpu', layout: 'strided', pinMemory: false };

function trailing(kwargs: Readonly<Record<string, unknown>>): unknown[] {
  const kept = Object.entries(kwargs).filter(([name, value]) => ONLY_VALUE[name] !== value);
  return kept.length === 0 ? [] : [Object.fromEntries(kept)];
}

/** The public function of that dotted name; undefined where there is none. */
function functionAt(ts: string): Fn | undefined {
  let at: unknown = adjoint;
  for (const part of ts.split('.')) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined;
  return typeof at === 'function' ? (at as Fn) : undefined;
}

function isMember(name: string): boolean {
  return name in Tensor.prototype;
}

/** A method, `x.index(…)` being PyTorch's `x[…]`. */
function method(name: string): Form {
  return ([self, ...rest], kwargs) => ((self as Record<string, unknown>)[name] as Fn).call(self, ...rest, ...trailing(kwargs));
}

/** The op as PyTorch's public name has it; null where Adjoint has no such name. */
export function mainForm({ ts, kind }: Pick<OpVectors, 'ts' | 'kind'>): Form | null {
  const name = ts.split('.').at(-1)!;
  if (kind === 'property') return isMember(name) ? ([self]) => (self as Record<string, unknown>)[name] : null;
  if (ts === 'index') return ([self, key], kwargs) => method(name)([self, ...(isTuple(key) ? key : [key])], kwargs);
  if (kind === 'method') return isMember(name) ? method(name) : null;
  const f = functionAt(ts);
  return f === undefined ? null : (args, kwargs) => f(...args, ...trailing(kwargs));
}

/** The op as a method; null where there is none. */
export function methodForm(op: OpVectors): Form | null {
  if (op.method === null || op.kind !== 'function') return null;
  const name = camel(op.method);
  return isMember(name) ? method(name) : null;
}

/** Whether PyTorch has the method. */
export function wantsMethod(op: OpVectors): boolean {
  return op.method !== null && op.kind === 'function' && op.samples.some((s) => s.method === true);
}

/** The in-place form; null where there is none. */
export function inPlaceForm(op: OpVectors): Form | null {
  if (op.inplace === null) return null;
  if (op.inplace === 'inplace=True') {
    const main = mainForm(op);
    return main === null ? null : (args, kwargs) => main(args, { ...kwargs, inplace: true });
  }
  const name = camel(op.inplace);
  return isMember(name) ? method(name) : null;
}

/** The outputs of a call in order, however they are held. */
export function outputsOf(result: unknown): unknown[] {
  if (result instanceof Tensor || typeof result !== 'object' || result === null) return [result];
  const parts: unknown[] = Symbol.iterator in result ? [...(result as Iterable<unknown>)] : Object.values(result);
  return parts.flatMap(outputsOf);
}
