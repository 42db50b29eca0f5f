// The module that an imported model is.
import { describe } from '../../core/describe';
import { codeOf, isFloatCode } from '../../core/dtype';
import { DTypeError, ShapeError, UsageError } from '../../core/errors';
import { isOptions, isReadable } from '../../core/plain-object';
import { Buffer } from '../../nn/buffer';
import { canRegister } from '../../nn/members';
import { Module } from '../../nn/module';
import { parameterOf, type Parameter } from '../../nn/parameter';
import { Tensor } from '../../tensor/tensor';
import { remember } from './host-values';
import type { FileValue } from './model';
import type { Constant, Program } from './program';
import { dtypeOf, tensorOf, typeName } from './tensor';

/** What a model says of an input or an output. */
export interface OnnxValue {
  readonly name: string;
  /** The dtype, or what ONNX calls a type that tensors here do not have; null where the model does not say. */
  readonly dtype: string | null;
  /** Sizes; names of sizes that a call decides, of which equal ones are equal sizes; null for any. Null where not even their number is said. */
  readonly shape: readonly (number | string | null)[] | null;
}

/**
 * An ONNX model as a module, which `importOnnx` makes.
 *
 * `model(a, b)` takes tensors in the order of `graphInputs`; by name they come in an object, `model({ input: a, state: b })`. A model with one
 * output gives a tensor, one with several an array in the order of `graphOutputs`. Floating inputs may be of any floating dtype that the
 * parameters have, as after `model.double()`.
 */
export class OnnxModule extends Module {
  /** The inputs, in the order of a call. */
  readonly graphInputs: readonly OnnxValue[];
  /** The outputs, in the order in which a call gives them. */
  readonly graphOutputs: readonly OnnxValue[];
  /** @internal Computes the outputs; a function, so that clones share it. */
  readonly _run: (module: OnnxModule, args: readonly unknown[]) => Tensor | Tensor[];

  /** @internal */
  constructor(program: Program) {
    super();
    this.graphInputs = program.inputs.map(said);
    this.graphOutputs = program.outputs.map(said);
    const paths: string[][] = [];
    try {
      for (const constant of program.constants) paths.push(put(this, constant));
    } catch (error) {
      this.dispose();
      throw error;
    }
    const inputs = this.graphInputs;
    this._run = (module, args) => {
      const given = inputsOf(inputs, args);
      checkInputs(inputs, given);
      const outputs = program.run(given, paths.map((path) => at(module, path)), module.training);
      return outputs.length === 1 ? outputs[0]! : outputs;
    };
    // It was trained before, and is not told to be trained on.
    this.training = false;
    for (const module of this.modules()) module.training = false;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a tensor or an array of them, which the caller knows
  override forward(...inputs: (Tensor | Record<string, Tensor>)[]): any {
    return this._run(this, inputs);
  }

  override extraRepr(): string {
    const shown = (values: readonly OnnxValue[]): string =>
      values.map(({ name, dtype, shape }) => `${name}: ${dtype ?? '?'}${shape === null ? '' : `[${shape.map((n) => n ?? '?').join(', ')}]`}`).join(', ');
    return `${shown(this.graphInputs)} -> ${shown(this.graphOutputs)}`;
  }
}

const said = ({ name, type, dims }: FileValue): OnnxValue => ({ name, dtype: type === null ? null : typeName(type), shape: dims });

/** What a path of names leads to. */
function at(module: Module, path: readonly string[]): Tensor {
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], module) as Tensor;
}

/** How deep parts are nested; a name with more dots is one name. */
const DEEPEST = 64;

/** Makes a constant of the file state of the module, by its name there: dots lead to parts, as in PyTorch's files. Returns its path. */
function put(root: Module, { tensor: file, name, isInitializer, isWeight, isRead }: Constant): string[] {
  const made = tensorOf(file);
  const parts = name.split('.');
  const segments = parts.length > DEEPEST ? [name.replaceAll('.', '_')] : parts.map((segment) => (segment === '' ? '_' : segment));
  const last = segments.pop()!;
  const path: string[] = [];
  let owner = root;
  for (const segment of segments) {
    let free = segment;
    // What is taken by something else than a part gets another name.
    while (!(partOf(owner, free) instanceof Module) && !canRegister(owner, 'module', free)) free += '_';
    let part = partOf(owner, free);
    if (!(part instanceof Module)) owner.addModule(free, (part = new Module()));
    path.push(free);
    owner = part;
  }
  const kind = isWeight ? 'parameter' : isInitializer ? 'buffer' : 'transient';
  let free = last;
  while (partOf(owner, free) !== undefined || !canRegister(owner, kind, free)) free += '_';
  if (isWeight) owner.registerParameter(free, parameterOf(made));
  else {
    const buffer = new Buffer(made, isInitializer);
    made.dispose();
    owner.registerBuffer(free, buffer, isInitializer);
    if (isRead) remember(buffer);
  }
  return [...path, free];
}

/** What a module holds under a name of its own. */
function partOf(owner: Module, name: string): Module | Parameter | Tensor | undefined {
  return Object.hasOwn(owner, name) ? ((owner as unknown as Record<string, Module | Tensor | null>)[name] ?? undefined) : undefined;
}

/** The tensors of a call in the order of the inputs, given by position, by name in an object at the end, or both. */
function inputsOf(values: readonly OnnxValue[], args: readonly unknown[]): Tensor[] {
  // No list of parameters: names of a file may be numbers, which objects put first.
  const last = args.at(-1);
  const byName: Readonly<Record<string, unknown>> = isOptions(last) ? last : {};
  const list = byName === last ? args.slice(0, -1) : args;
  const known = `the names are ${values.map(({ name }) => name).join(', ')}`;
  const error = (message: string): UsageError => new UsageError(`OnnxModule: ${message}`, 'OnnxModule');
  if (list.length > values.length) throw error(`${list.length} arguments by position are too many, there ${values.length === 1 ? 'is one' : `are ${values.length}`}; ${known}`);
  const unknown = Object.keys(byName).find((key) => !values.some(({ name }) => name === key));
  if (unknown !== undefined) throw error(`there is no argument named ${unknown}; ${known}`);
  return values.map(({ name }, i) => {
    const named = Object.hasOwn(byName, name) ? byName[name] : undefined;
    if (i < list.length && named !== undefined) throw error(`argument ${name} was given by position and by name`);
    const value = i < list.length ? list[i] : named;
    if (value === undefined) throw error(`argument ${name} is missing, it must be a tensor; ${known}`);
    if (!isReadable(value) || !(value instanceof Tensor)) throw error(`${name} must be a tensor, got ${describe(value)}`);
    return value;
  });
}

/** Throws for inputs that are not as the model says: other dtypes, sizes, or sizes of one name that differ. */
function checkInputs(values: readonly OnnxValue[], given: readonly Tensor[]): void {
  const sizes = new Map<string, { size: number; name: string }>();
  values.forEach(({ name, dtype, shape }, i) => {
    const t = given[i]!;
    const isAnyFloat = dtype !== null && isFloatCode(codeOf(dtype) ?? -1) && t.isFloatingPoint();
    if (dtype !== null && t.dtype !== dtype && !isAnyFloat) {
      throw new DTypeError(`OnnxModule: input ${name} must be of ${dtype}, got ${t.dtype}; cast with to('${dtype}')`, 'OnnxModule', { input: name, dtype: t.dtype });
    }
    if (shape === null) return;
    const wrong = (why: string): ShapeError =>
      new ShapeError(`OnnxModule: input ${name} must have shape [${shape.map((n) => n ?? '?').join(', ')}], got [${t.shape.join(', ')}]${why}`, 'OnnxModule', { input: name, shape: t.shape });
    if (t.ndim !== shape.length) throw wrong('');
    shape.forEach((expected, dim) => {
      const size = t.shape[dim]!;
      if (typeof expected === 'number' && expected !== size) throw wrong('');
      if (typeof expected !== 'string') return;
      const known = sizes.get(expected);
      if (known === undefined) sizes.set(expected, { size, name });
      else if (known.size !== size) throw wrong(`; ${expected} is ${known.size} in ${known.name}`);
    });
  });
}

/** The inputs of a model that no tensor can be given for. */
export function unusable(values: readonly FileValue[]): readonly FileValue[] {
  return values.filter(({ type }) => type !== null && dtypeOf(type) === null);
}
