// Runs one call of a record: the operation by its public name, with tensors and other arguments by theirs.
import type * as Adjoint from 'adjoint';
import type { CapturedCall, Tensor } from 'adjoint';

export type Library = typeof Adjoint;

/** One way to call an operation; scripts/site/operations.mjs writes them. */
export interface Form {
  readonly surface: readonly string[];
  /** Parameters that take tensors, in the order of the record; the last may be `...name`, a list. */
  readonly tensors: readonly string[];
  readonly others: readonly string[];
}

export type Operations = Readonly<Record<string, readonly Form[]>>;

/** What a call reads: a tensor, a number that was written beside one, or nothing. */
export type Operand = Tensor | number | boolean | null;

/** An argument as it would be written. */
export function literal(text: string): unknown {
  if (text === 'inf' || text === 'Infinity') return Infinity;
  if (text === '-inf' || text === '-Infinity') return -Infinity;
  if (text === 'nan' || text === 'NaN') return NaN;
  return JSON.parse(text.replaceAll("'", '"'));
}

/** The arguments of `form` by name, or null where these operands and options are not for it. */
function argumentsOf({ tensors, others }: Form, operands: readonly Operand[], options: Record<string, unknown>): Record<string, unknown> | null {
  if (!Object.keys(options).every((name) => others.includes(name) || tensors.includes(name))) return null;
  const named: Record<string, unknown> = { ...options };
  const free = tensors.filter((name) => !(name in options));
  const hasList = free.at(-1)?.startsWith('...') === true;
  if (!hasList && operands.length > free.length) return null;
  free.forEach((name, i) => {
    if (name.startsWith('...')) named[name.slice(3)] = operands.slice(i);
    else if (operands[i] !== undefined && operands[i] !== null) named[name] = operands[i];
  });
  return named;
}

/** `x[…]`, which is written by place and not by name: a slice of one dim, or lists of indices. */
function index(x: Tensor, places: readonly Operand[], { dim = 0, start, end, step }: { dim?: number; start?: number; end?: number; step?: number }): Tensor {
  if (places.length > 0) return x.index(...(places as Tensor[]));
  const slice = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { stop: end }), ...(step === undefined ? {} : { step }) };
  return x.index(...Array.from({ length: dim }, () => ({})), slice);
}

type Call = (options?: object) => Tensor | Iterable<Tensor>;

/** What runs an operation on its arguments by name. */
function callable(library: Library, name: string, { surface, tensors }: Form, named: Record<string, unknown>): (() => Tensor | Iterable<Tensor>) | null {
  const space = (inner: object): (() => Tensor | Iterable<Tensor>) | null => {
    const call = (inner as Record<string, Call | undefined>)[name];
    return call === undefined ? null : () => call(named);
  };
  const { [tensors[0]!]: first, ...rest } = named;
  if (surface.some((where) => where.endsWith('Method')) && first instanceof library.Tensor) {
    const call = (first as unknown as Record<string, Call | undefined>)[name];
    if (call !== undefined) return () => (Object.keys(rest).length === 0 ? call.call(first) : call.call(first, rest));
  }
  if (surface.includes('Functional')) return space(library.nn.functional);
  if (surface.includes('Linalg') && !surface.includes('Function')) return space(library.linalg);
  if (surface.includes('Special') && !surface.includes('Function')) return space(library.special);
  if (surface.includes('Fft')) return space(library.fft);
  return space(library);
}

/**
 * Runs a call on `operands`, which stand for its inputs; returns its outputs.
 *
 * @throws Error for an operation that has no public form for these arguments.
 */
export function runCall(library: Library, operations: Operations, { op, attributes, inPlace }: CapturedCall, operands: readonly Operand[]): Tensor[] {
  const options = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, literal(text)]));
  if (op === 'index') return [index(operands[0] as Tensor, operands.slice(1), options)];
  // `linalg.norm` is `linalgNorm` in the table.
  const [name, space] = op.split('.').reverse() as [string, string | undefined];
  const key = space === undefined ? op : `${space}${name[0]!.toUpperCase()}${name.slice(1)}`;
  for (const form of operations[key] ?? operations[name] ?? []) {
    const named = argumentsOf(form, operands, options);
    const run = named === null ? null : callable(library, inPlace ? `${name}_` : name, form, named);
    if (run === null) continue;
    const out = run();
    return out instanceof library.Tensor ? [out] : [...out];
  }
  throw new Error(`${op}${inPlace ? '_' : ''}: this page cannot run it call by call`);
}
