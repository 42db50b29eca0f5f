// Calls of ops from the generated manifest: the arguments of a sample, and the function an op is in the public API.
import { Tensor, tensor, type DType } from 'adjoint';

/** A tensor of random numbers, as the manifest describes it. */
interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly range: readonly [number, number];
  readonly avoid: readonly number[];
  readonly distinct: boolean;
  readonly requiresGrad: boolean;
}

type Argument =
  | { readonly tensor: TensorSpec }
  | { readonly tensors: readonly ({ readonly tensor: TensorSpec } | null)[] }
  | { readonly float: number | string }
  | { readonly dtype: string }
  | readonly Argument[]
  | number
  | string
  | boolean
  | null;

/** A call. */
export interface Sample {
  readonly label: string;
  readonly smooth: boolean;
  readonly args: readonly Argument[];
}

/** An op of the table. */
export interface ManifestOp {
  readonly op: string;
  readonly name: string;
  readonly class: string;
  readonly surface: readonly string[];
  readonly notDifferentiable: string | null;
  readonly args: readonly { readonly name: string; readonly kind: unknown }[];
  readonly samples: readonly Sample[];
}

type Call = (...args: unknown[]) => unknown;

/** The path of an op that is a member of a namespace, whose name has that of the namespace in front; null for others. */
export function memberOf(op: ManifestOp): string | null {
  const NAMESPACES: readonly [surface: string, prefix: string, path: string][] = [['Fft', 'fft', 'fft'], ['Masked', 'masked', 'masked'], ['Windows', 'windows', 'signal.windows']];
  const found = NAMESPACES.find(([surface]) => op.surface.includes(surface));
  if (found === undefined) return null;
  const rest = op.name.slice(found[1].length);
  return `${found[2]}.${rest.charAt(0).toLowerCase()}${rest.slice(1)}`;
}

/** The op as the public API has it; null where it is not public. */
export function callable(op: ManifestOp, api: Record<string, unknown>): Call | null {
  const at = (holder: unknown): Call | null => ((holder as Record<string, unknown>)[op.name] as Call | undefined) ?? null;
  if (op.surface.includes('Function')) return at(api);
  if (op.surface.includes('Functional')) return at((api['nn'] as Record<string, unknown>)['functional']);
  if (op.surface.includes('Linalg')) return at(api['linalg']);
  if (op.surface.includes('Special')) return at(api['special']);
  const member = memberOf(op);
  if (member !== null) return (member.split('.').reduce<unknown>((holder, part) => (holder as Record<string, unknown>)[part], api) as Call | undefined) ?? null;
  if (!op.surface.includes('Method')) return null;
  if (op.name === 'index') {
    // The method is x[...], where null adds a dim; a whole dim is an empty range there.
    return (self, items) => (self as Tensor).index(...(items as (Tensor | null)[]).map((item) => item ?? {}));
  }
  return (self, ...args) => ((self as Record<string, unknown>)[op.name] as Call).apply(self, args);
}

/** Random numbers in [0, 1) that depend on `text` alone. */
export function seeded(text: string): () => number {
  let state = 0;
  for (const c of text) state = Math.imul(state ^ c.charCodeAt(0), 0x0100_0193) >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

function make({ shape, dtype, range: [low, high], avoid, distinct, requiresGrad }: TensorSpec, random: () => number): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  const isFloat = dtype.startsWith('float');
  const order = Array.from({ length: n }, (_, i) => i).map((i) => [random(), i] as const).sort((a, b) => a[0] - b[0]);
  const values = Array.from({ length: n }, (_, i) => {
    if (!isFloat) return dtype === 'bool' ? random() < 0.5 : Math.floor(low + random() * (high - low));
    for (;;) {
      const place = distinct ? (order[i]![1] + 0.25 + random() / 2) / n : random();
      const v = low + place * (high - low);
      if (!avoid.some((point) => Math.abs(v - point) < 0.05)) return v;
    }
  });
  // Created flat, so that empty shapes are possible.
  const t = tensor(values, { dtype }).reshape(shape);
  return isFloat && requiresGrad ? t.detach().requiresGrad_() : t;
}

function isTensor(a: Argument): a is { tensor: TensorSpec } {
  return typeof a === 'object' && a !== null && 'tensor' in a;
}

function isTensors(a: Argument): a is { tensors: readonly ({ tensor: TensorSpec } | null)[] } {
  return typeof a === 'object' && a !== null && 'tensors' in a;
}

function plain(a: Argument): unknown {
  if (Array.isArray(a)) return a.map((part) => plain(part as Argument));
  if (typeof a === 'object' && a !== null) return 'float' in a ? Number(a.float) : 'dtype' in a ? a.dtype : a;
  return a;
}

/** Whether a sample has a gradient to check. */
export function hasGradient({ args }: Sample): boolean {
  const wants = (a: Argument | null): boolean => a !== null && isTensor(a) && a.tensor.requiresGrad && a.tensor.dtype === 'float64';
  return args.some((a) => wants(a) || (isTensors(a) && a.tensors.some(wants)));
}

/** The arguments of a sample: its tensors, and how they are put among the others. */
export function argumentsOf(op: ManifestOp, { args }: Sample, random: () => number): { tensors: Tensor[]; place: (tensors: readonly unknown[]) => unknown[] } {
  const tensors: Tensor[] = [];
  const kept: ((given: readonly unknown[]) => unknown)[] = args.map((a, i) => {
    const one = (part: { tensor: TensorSpec } | null): ((given: readonly unknown[]) => unknown) => {
      if (part === null) return () => null;
      const index = tensors.push(make(part.tensor, random)) - 1;
      return (given) => given[index];
    };
    if (isTensor(a)) return one(a);
    if (isTensors(a)) {
      const parts = a.tensors.map(one);
      // A tensor that may be left out is written as a list of one.
      if (!String(op.args[i]!.kind).includes('Tensors')) return parts[0]!;
      return (given) => parts.map((part) => part(given));
    }
    const value = plain(a);
    return () => value;
  });
  return { tensors, place: (given) => kept.map((part) => part(given)) };
}

/** Whether any tensor in `value` requires grad. */
export function requiresGrad(value: unknown): boolean {
  if (value instanceof Tensor) return value.requiresGrad;
  return typeof value === 'object' && value !== null && Object.values(value).some(requiresGrad);
}
