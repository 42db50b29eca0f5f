// What modules print, hold and give, with gradients, against PyTorch with the same seed; fixtures/record/modules.py says how they are run.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Tensor, linspace, manualSeed, nn, rand, randn, tensor, type DType } from 'adjoint';

interface Listed {
  readonly shape: readonly number[];
  readonly values: readonly (number | boolean | string)[];
}

interface Run {
  readonly outputs: readonly Listed[];
  readonly inputs?: readonly (Listed | null)[];
  readonly parameters?: Readonly<Record<string, Listed | null>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly buffers: Readonly<Record<string, Listed>>;
  readonly written: readonly Listed[];
  readonly next: number;
}

interface Case {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Spec[];
  readonly call: Readonly<Record<string, unknown>>;
  readonly train: boolean;
  readonly times: number;
  readonly text: string;
  readonly float32: Run;
  readonly float64: Run;
}

interface Spec {
  readonly randn?: readonly number[];
  readonly rand?: readonly number[];
  readonly values?: readonly number[];
  readonly dtype?: DType;
  /** The index of an input that it is once more. */
  readonly same?: number;
}

interface Part {
  readonly module: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

const cases = JSON.parse(readFileSync(new URL('fixtures/modules.json', import.meta.url), 'utf8')) as Case[];
const classes = nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>;
const TOLERANCE = { float32: 3e-6, float64: 1e-13 };
type Precision = keyof typeof TOLERANCE;
/** Modules whose kernels in PyTorch have constants of single precision in double precision too: 1/6 in the derivative. */
const SINGLE = new Set(['Hardsigmoid']);

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());

/** Numbers, of which JSON has not all. */
function numbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map(numbers) : typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value;
}

function tensorOf(spec: Spec, dtype: DType): Tensor {
  if (spec.randn !== undefined) return randn(spec.randn, { dtype });
  if (spec.rand !== undefined) return rand(spec.rand, { dtype });
  return tensor(numbers(spec.values ?? []) as number[], { dtype: spec.dtype ?? dtype });
}

/** An argument: tensors and modules from their descriptions. */
function made(value: unknown, dtype: DType): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('module' in value) {
    const { module, args, options } = value as Part;
    return new classes[module]!(...args.map((v) => made(v, dtype)), named(options, dtype));
  }
  return tensorOf(value, dtype);
}

function named(options: Readonly<Record<string, unknown>>, dtype: DType): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), made(value, dtype)]));
}

/** The tensors of a result, in the order of PyTorch's tuple. */
function flat(out: unknown): Tensor[] {
  if (out instanceof Tensor) return [out];
  return typeof out === 'object' && out !== null ? Object.values(out).flatMap(flat) : [];
}

function expectListed(actual: Tensor | null, listed: Listed | null, precision: Precision, what: string): void {
  if (listed === null || actual === null) {
    expect([what, actual === null], what).toEqual([what, listed === null]);
    return;
  }
  expect(actual.shape, `${what}: shape`).toEqual(listed.shape);
  const values = Array.from(actual.detach().to('float64').contiguous().toTypedArray(), Number);
  const wanted = listed.values.map(Number);
  const largest = Math.max(1, ...wanted.filter(Number.isFinite).map(Math.abs));
  wanted.forEach((want, i) => {
    const isNear = Object.is(values[i], want) || Math.abs(values[i]! - want) <= TOLERANCE[precision] * largest || (Number.isNaN(want) && Number.isNaN(values[i]));
    expect(isNear, `${what}, element ${i}: ${values[i]} against ${want}`).toBe(true);
  });
}

/** Runs a case and gives what the module prints before its call, and after it where that is something else. */
function check(c: Case, dtype: Precision): string {
  const want = c[dtype];
  const precision = SINGLE.has(c.name) ? 'float32' : dtype;
  manualSeed(5);
  const args = c.args.map((v) => made(v, dtype));
  const module = new classes[c.name]!(...args, named(c.options, dtype)).to(dtype).train(c.train);
  const before = String(module);
  const inputs: Tensor[] = [];
  for (const spec of c.inputs) inputs.push(spec.same === undefined ? tensorOf(spec, dtype) : inputs[spec.same]!);
  const call = named(c.call, dtype);
  const writes = c.options['inplace'] === true;
  inputs.forEach((t, i) => { if (c.inputs[i]!.values === undefined && !writes) t.requiresGrad = true; });
  const run = (module.call as (...args: unknown[]) => unknown).bind(module);
  const given = Object.keys(call).length === 0 ? inputs : [...inputs, call];
  let out = run(...given);
  for (let i = 1; i < c.times; i++) out = run(...given);
  const outputs = flat(out);
  expect(outputs).toHaveLength(want.outputs.length);
  outputs.forEach((t, i) => { expectListed(t, want.outputs[i]!, precision, `output ${i}`); });
  const losses = outputs
    .filter((t) => t.isFloatingPoint() && t.requiresGrad)
    .map((t) => t.reshape([-1]).mul(linspace(0.5, 1.5, t.numel(), { dtype: t.dtype })).sum());
  if (losses.length > 0) losses.reduce((a, b) => a.add(b)).backward();
  want.inputs?.forEach((listed, i) => { expectListed(inputs[i]!.grad, listed, precision, `gradient of input ${i}`); });
  const parameters = Object.fromEntries(module.namedParameters());
  for (const [key, listed] of Object.entries(want.parameters ?? {})) expectListed(parameters[key]!.grad, listed, precision, `gradient of ${key}`);
  const buffers = Object.fromEntries(module.namedBuffers());
  for (const [key, listed] of Object.entries(want.buffers)) expectListed(buffers[key]!, listed, precision, key);
  want.written.forEach((listed, i) => { expectListed(inputs[i]!, listed, precision, `input ${i} afterwards`); });
  expect(Object.entries(module.stateDict()).map(([key, t]) => [key, t.shape])).toEqual(Object.entries(want.state));
  expect(rand([1], { dtype: 'float64' }).item(), 'the next random number').toBe(want.next);
  const after = String(module);
  return before === after ? before : `${before}\n${after}`;
}

/** What PyTorch prints in the words of JavaScript. */
function translated(text: string): string {
  return text
    .replace(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?==)/g, camel)
    .replaceAll('NonDynamicallyQuantizableLinear', 'Linear')
    .replace(/\bTrue\b/g, 'true')
    .replace(/\bFalse\b/g, 'false')
    .replace(/\bNone\b/g, 'null')
    .replace(/=\(([^()]*)\)/g, '=[$1]')
    .replace(/\(\((\d[^()]*)\)\)/g, '([$1])')
    .replace(/\(\(([^()]*)\),/g, '([$1],')
    .replace(/,\]/g, ']')
    .replace(/-?\d+\.?\d*(?:e[-+]?\d+)?/g, (digits) => String(Number(digits)));
}

describe('a module gives what it gives in PyTorch', () => {
  const label = ({ name, args, options, inputs, call, train }: Case): string =>
    `${name}(${[...args.map((v) => JSON.stringify(v)), JSON.stringify(options)].join(', ')}) of ${JSON.stringify(inputs)} ${JSON.stringify(call)}${train ? '' : ' in evaluation'}`;

  it.each(cases.map((c) => [label(c), c] as const))('%s', (_, c) => {
    for (const precision of ['float32', 'float64'] as const) expect(check(c, precision)).toBe(translated(c.text));
  });
});
