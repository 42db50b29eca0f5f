// The text of a compute shader: bindings, and the statements that compute elements.
import { type Layout } from './layout';
import { type Kind, type Lazy, type Store } from './lazy';

/** Threads of a workgroup. */
export const THREADS = 64;

/** The most workgroups along one dim, by the default limits of WebGPU. */
const MOST_GROUPS = 65535;

/** The most buffers a kernel may bind, by the default limits. */
export const MOST_BUFFERS = 8;

/** A kernel as it is run: its text, how many workgroups, and what is bound, in order. */
export interface Dispatch {
  readonly is: 'dispatch';
  readonly label: string;
  readonly code: string;
  readonly groups: readonly [number, number, number];
  readonly bindings: readonly { readonly store: Store; readonly writes: boolean }[];
  /** Multiply-adds or folds, for estimates. */
  readonly work: number;
}

/** Names of buffers within one kernel. */
export class Bindings {
  readonly #stores = new Map<Store, { name: string; writes: boolean }>();

  nameOf(store: Store, writes = false): string {
    const known = this.#stores.get(store);
    if (known !== undefined) {
      known.writes ||= writes;
      return known.name;
    }
    const name = `b${this.#stores.size}`;
    this.#stores.set(store, { name, writes });
    return name;
  }

  get list(): { store: Store; writes: boolean }[] {
    return [...this.#stores].map(([store, { writes }]) => ({ store, writes }));
  }

  /** The declarations. */
  toString(): string {
    return [...this.#stores]
      .map(([store, { name, writes }], i) => `@group(0) @binding(${i}) var<storage, ${writes ? 'read_write' : 'read'}> ${name}: array<${memoryType(store.kind)}>;`)
      .join('\n');
  }
}

/** What a kind is in memory. */
export function memoryType(kind: Kind): string {
  return kind === 'f32' ? 'f32' : 'i32';
}

/** A number in WGSL. */
export function literal(value: number, kind: Kind): string {
  if (kind === 'bool') return value === 0 ? 'false' : 'true';
  if (kind === 'i32') return value <= -2147483648 ? 'i32(-2147483647 - 1)' : String(Math.min(value, 2147483647));
  const single = Math.fround(value);
  // Constants that are no numbers are errors of a shader; these are read from variables.
  if (Number.isNaN(single)) return 'bitcast<f32>(nan_bits)';
  if (!Number.isFinite(single)) return single > 0 ? 'bitcast<f32>(inf_bits)' : '(-bitcast<f32>(inf_bits))';
  const text = String(single);
  return single < 0 || Object.is(single, -0) ? `(${/[.e]/.test(text) ? text : `${Object.is(single, -0) ? '-0' : text}.0`})` : /[.e]/.test(text) ? text : `${text}.0`;
}

/** A dim or several as one number that goes up to their product. */
export interface Group {
  readonly shape: readonly number[];
  /** The WGSL expression of the number, an i32. */
  readonly flat: string;
}

/** Statements that compute elements at one place of a space. */
export class Statements {
  readonly #bindings: Bindings;
  readonly #space: readonly Group[];
  readonly #carried: (stage: number) => string;
  readonly #names = new Map<string, string>();
  readonly #values = new Map<Lazy, string>();
  readonly #prefix: string;
  readonly lines: string[] = [];

  constructor(bindings: Bindings, space: readonly Group[], prefix: string, carried: (stage: number) => string = () => '') {
    this.#bindings = bindings;
    this.#space = space;
    this.#prefix = prefix;
    this.#carried = carried;
  }

  /** The name of an expression, which is computed once. */
  #named(text: string, type: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = `${this.#prefix}${this.#names.size}`;
    this.#names.set(text, name);
    this.lines.push(`let ${name}: ${type} = ${text};`);
    return name;
  }

  /** Where a layout has the element. */
  #index({ shape, strides, offset }: Layout): string {
    const terms: string[] = [];
    let dim = 0;
    for (const group of this.#space) {
      const end = dim + group.shape.length;
      // Runs of dims that are one step apart.
      const runs: { size: number; stride: number }[] = [];
      const isEmpty = group.shape.includes(0);
      for (; dim < end; dim++) {
        const [size, stride] = [shape[dim]!, strides[dim]!];
        const last = runs.at(-1);
        if (size === 1 || isEmpty) continue;
        if (last !== undefined && last.stride === stride * size) {
          last.size *= size;
          last.stride = stride;
        } else runs.push({ size, stride });
      }
      let below = runs.reduce((n, { size }) => n * size, 1);
      runs.forEach(({ size, stride }, i) => {
        below /= size;
        if (stride === 0) return;
        const down = below === 1 ? group.flat : `(${group.flat} / ${below})`;
        const at = i === 0 ? down : `(${down} % ${size})`;
        const text = stride === 1 ? at : `${at} * ${stride}`;
        terms.push(text === group.flat ? text : this.#named(text, 'i32'));
      });
    }
    if (offset !== 0 || terms.length === 0) terms.push(String(offset));
    return terms.join(' + ').replaceAll('+ -', '- ');
  }

  #load(store: Store, at: string): string {
    const element = `${this.#bindings.nameOf(store)}[${at}]`;
    return store.kind === 'bool' ? this.#named(`(${element} != 0)`, 'bool') : this.#named(element, store.kind);
  }

  /** The WGSL name or literal of a value here. */
  value(lazy: Lazy): string {
    const known = this.#values.get(lazy);
    if (known !== undefined) return known;
    const text = this.#compute(lazy);
    this.#values.set(lazy, text);
    return text;
  }

  #compute(lazy: Lazy): string {
    switch (lazy.is) {
      case 'stored':
        return this.#load(lazy.store, this.#index(lazy.layout));
      case 'place':
        return this.#named(this.#index(lazy.layout), 'i32');
      case 'number':
        return literal(lazy.value, lazy.kind);
      case 'carried':
        return this.#carried(lazy.stage);
      case 'pending':
        return this.#carried(0);
      case 'loaded':
        return this.#load(lazy.store, this.value(lazy.at));
      case 'formula': {
        const args = lazy.args.map((arg) => this.value(arg));
        // An expression of constants alone would be computed, and refused where it overflows, before the kernel runs.
        if (lazy.args.length > 0 && lazy.args.every(({ is }) => is === 'number')) args[0] = this.#named(args[0]!, lazy.args[0]!.kind);
        return this.#named(lazy.text.replace(/\$(\d)/g, (_, i: string) => args[Number(i)]!), lazy.kind);
      }
    }
  }

  /** The statement that writes a value. */
  write(store: Store, at: Layout, value: string, kind: Kind): string {
    const given = kind === 'bool' ? `select(0, 1, ${value})` : value;
    return `${this.#bindings.nameOf(store, true)}[${this.#index(at)}] = ${given};`;
  }
}

/** Workgroups along two dims where there are more than fit one; the WGSL number of a workgroup. */
export function spreadGroups(total: number): { groups: [number, number, number]; number: string } {
  if (total <= MOST_GROUPS) return { groups: [total, 1, 1], number: 'i32(group.x)' };
  const rows = Math.ceil(total / MOST_GROUPS);
  const each = Math.ceil(total / rows);
  return { groups: [each, rows, 1], number: `i32(group.y * ${each}u + group.x)` };
}

/** The functions and variables that formulas use. */
function used(body: string): string {
  let text = '';
  for (const [name, definition] of FUNCTIONS) if (body.includes(name) || text.includes(name)) text = `${definition}\n${text}`;
  return text;
}

/** Those that use others first. */
const FUNCTIONS: readonly (readonly [string, string])[] = [
  // Abramowitz and Stegun, 7.1.26, has 1.5e-7; near 0, where that is much of the value, the series.
  ['erf_of', `fn erf_of(x: f32) -> f32 {
  let a = abs(x);
  if (a < 0.3) {
    let q = x * x;
    return x * 1.1283791670955126 * (1.0 - q * (0.3333333333333333 - q * (0.1 - q * (0.023809523809523808 - q * 0.004629629629629629))));
  }
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let y = 1.0 - t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-a * a);
  return select(y, -y, x < 0.0);
}`],
  // exp(2x) is beyond the range of f32 where tanh is 1 already; near 0 the series, as above.
  ['tanh_of', `fn tanh_of(x: f32) -> f32 {
  let a = abs(x);
  if (a < 0.05) { let q = x * x; return x * (1.0 - q * (0.3333333333333333 - q * 0.13333333333333333)); }
  if (a >= 10.0) { return select(1.0, -1.0, x < 0.0); }
  let e = exp(-2.0 * a);
  let y = (1.0 - e) / (1.0 + e);
  return select(y, -y, x < 0.0);
}`],
  ['power_of', `fn power_of(x: f32, e: f32) -> f32 {
  if (e == 0.0) { return 1.0; }
  let y = pow(abs(x), e);
  if (x >= 0.0) { return y; }
  if (e != trunc(e)) { return bitcast<f32>(nan_bits); }
  return select(y, -y, abs(e) % 2.0 == 1.0);
}`],
  ['log1p_of', `fn log1p_of(x: f32) -> f32 {
  let u = 1.0 + x;
  if (u == 1.0) { return x; }
  return log(u) * (x / (u - 1.0));
}`],
  ['expm1_of', `fn expm1_of(x: f32) -> f32 {
  if (abs(x) < 0.1) { return x * (1.0 + x * (0.5 + x * (0.16666666666666666 + x * (0.041666666666666664 + x * 0.008333333333333333)))); }
  return exp(x) - 1.0;
}`],
  // The hash pcg4d of Jarzynski and Olano, "Hash functions for GPU rendering" (2020), table 2; its upper 24 bits.
  ['random_of', `fn random_of(stream: u32, at: i32, run: i32) -> f32 {
  var v = vec4u(u32(at), stream, u32(run), 0x9e3779b9u) * 1664525u + 1013904223u;
  v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
  return f32(v.x >> 8u) * 5.9604644775390625e-8;
}`],
  ['nan_or', 'fn nan_or(x: f32, y: f32) -> f32 { return select(y, x, is_nan(x)); }'],
  ['is_nan', 'fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }'],
  ['inf_bits', 'var<private> inf_bits: u32 = 0x7f800000u;'],
  ['nan_bits', 'var<private> nan_bits: u32 = 0x7fc00000u;'],
];

/** The whole text of a kernel. */
export function shader(bindings: Bindings, threads: number, declarations: readonly string[], body: readonly string[]): string {
  const text = body.map((line) => `  ${line}`).join('\n');
  const parts = [String(bindings), used(text), ...declarations].filter((part) => part !== '');
  return `${parts.join('\n')}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
${text}
}
`;
}
