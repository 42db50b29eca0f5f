// Every op of the table takes halves: its samples in float16 and bfloat16 are, within a few roundings, what float32 gives for the same values.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { Tensor, func, grad, manualSeed, scope, type DType } from 'adjoint';
import { describe, expect, test } from 'vitest';
import { argumentsOf, callable, seeded, type ManifestOp, type Sample } from '../gradcheck-samples';
import { ulpAt, type HalfDType } from './recorded';

/** In units in the last place of the greatest element; composites round at each of their ops. */
const OUTPUT_ULPS = 8;
const GRADIENT_ULPS = 16;

const CASTS = new Set(['bfloat16', 'bool', 'byte', 'char', 'double', 'float', 'half', 'int', 'long', 'short', 'to', 'to.other']);

/** What is not compared, and why. */
const EXCEPTED: Readonly<Record<string, string>> = {
  asStrided: 'reads storage',
  multinomial: 'the weights differ in float32',
  bincount: 'sums of half weights are float64, as in PyTorch',
};

/** Where gradients are not compared: they subtract what is nearly equal, rounded at each op, as PyTorch's do. */
const CANCELLING = new Set(['i1e']);

/**
 * What PyTorch's CPU refuses in halves too, but for `matrix_exp`, whose halves are infinities there (2.15, `matrix_exp(ones(2, 2))`).
 * Of `matrix_power` it is the negative ones.
 */
const REFUSED = new Set(
  `cholesky cholesky_ex cholesky_inverse cholesky_solve cond cond.word det eigh eigvalsh geqrf householder_product inv inv_ex inverse
  ldl_factor ldl_factor_ex ldl_solve logdet lstsq lu lu_factor lu_factor_ex lu_solve matrix_exp matrix_power matrix_rank matrix_sqrth nuclear_norm nuclear_norm.dim orgqr ormqr pinv
  pinverse qr slogdet solve solve_ex solve_triangular svd svdvals tensorinv tensorsolve triangular_solve`.split(/\s+/),
);

const ops = JSON.parse(readFileSync(new URL('../generated/manifest.json', import.meta.url), 'utf8')) as ManifestOp[];
const run = ops.flatMap((op) => {
  const call = op.class === 'Random' || op.class === 'Factory' || CASTS.has(op.op) || op.name in EXCEPTED ? null : callable(op, adjoint);
  const samples = op.samples.filter((s) => JSON.stringify(s).includes('"float64"'));
  return call === null || samples.length === 0 ? [] : [{ op, call, samples }];
});

function tensorsOf(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsOf) : [];
}

const numbers = (t: Tensor): number[] => Array.from(t.detach().flatten().toTypedArray() as Iterable<number | bigint>, Number);

function differ(what: string, got: Tensor | null, want: Tensor | null, dtype: HalfDType, ulps: number): string[] {
  if (got === null || want === null) return got === want ? [] : [`${what}: one has none`];
  if (got.shape.join() !== want.shape.join()) return [`${what}: shape [${got.shape.join()}] for [${want.shape.join()}]`];
  const expected: DType = want.dtype === 'float32' ? dtype : want.dtype;
  if (got.dtype !== expected) return [`${what}: ${got.dtype} for ${expected}`];
  const [a, b] = [numbers(got), numbers(want)];
  if (want.dtype !== 'float32') return a.join() === b.join() ? [] : [`${what}: ${a.join()} for ${b.join()}`];
  const unit = ulpAt(Math.max(...b.map(Math.abs).filter(Number.isFinite), 0), dtype);
  // What is beyond the greatest half is infinite there.
  const held = numbers(want.to(dtype));
  return b.flatMap((v, i) => (Object.is(a[i], v) || a[i] === v || a[i] === held[i] || Math.abs(a[i]! - v) <= ulps * unit ? [] : [`${what}[${i}]: ${a[i]} for ${v}`]));
}

/** The outputs and gradients of a sample in `compute`, its values rounded to `dtype` before. */
function results(op: ManifestOp, call: (...args: unknown[]) => unknown, sample: Sample, dtype: HalfDType, compute: DType): [Tensor[], (Tensor | null)[]] {
  const args = argumentsOf(op, sample, seeded(op.op + sample.label));
  const inputs = args.tensors.map((t) => {
    if (t.dtype !== 'float64') return t;
    const rounded = t.detach().to(dtype).to(compute);
    return t.requiresGrad ? rounded.requiresGrad_() : rounded;
  });
  const placed = args.place(inputs).map((a) => (a === 'float64' ? compute : a));
  manualSeed(0);
  const outputs = tensorsOf(call(...placed));
  const leaves = inputs.filter((t) => t.requiresGrad);
  const roots = outputs.filter((t) => t.requiresGrad);
  if (roots.length === 0 || leaves.length === 0) return [outputs, []];
  const gradOutputs = roots.map((t, k) => adjoint.linspace(-1, 1 + k, Math.max(t.numel(), 1)).narrow(0, 0, t.numel()).reshape(t.shape).to(dtype).to(t.dtype));
  return [outputs, grad(roots, leaves, { gradOutputs, allowUnused: true })];
}

describe.each(['float16', 'bfloat16'] as const)('%s', (dtype) => {
  for (const { op, call, samples } of run) {
    test(op.op, () => {
      let refused = 0;
      const wrong = samples.flatMap((sample) => scope(() => {
        if (REFUSED.has(op.op)) {
          try {
            results(op, call, sample, dtype, dtype);
          } catch (error) {
            expect(error).toBeInstanceOf(adjoint.DTypeError);
            expect(String(error)).toMatch(new RegExp(`not implemented for ${dtype}.*cast with to\\('float32'\\)`));
            refused += 1;
            return [];
          }
        }
        const [outputs, gradients] = results(op, call, sample, dtype, dtype);
        const [wantOutputs, wantGradients] = results(op, call, sample, dtype, 'float32');
        return [
          ...outputs.flatMap((t, i) => differ(`output ${i}`, t, wantOutputs[i]!, dtype, OUTPUT_ULPS)),
          ...(CANCELLING.has(op.op) ? [] : gradients).flatMap((t, i) => differ(`gradient ${i}`, t, wantGradients[i]!, dtype, GRADIENT_ULPS)),
        ].map((line) => `${sample.label}: ${line}`);
      }));
      if (wrong.length > 0) expect.fail(wrong.slice(0, 8).join('\n'));
      expect(refused > 0).toBe(REFUSED.has(op.op));
    });
  }

  test('forward mode and second derivatives compute in halves', () => {
    const x = adjoint.tensor([0.5, -1.25, 2], { dtype });
    const [y, tangent] = func.jvp((t: Tensor) => t.mul(t).sin(), [x], [adjoint.ones([3], { dtype })]);
    expect([y.dtype, tangent.dtype]).toEqual([dtype, dtype]);
    const leaf = x.clone().requiresGrad_();
    const [first] = grad(leaf.exp().sum(), [leaf], { createGraph: true });
    const [second] = grad(first.sum(), [leaf]);
    expect(numbers(second)).toEqual(numbers(x.exp()));
    const batched = func.vmap((t: Tensor) => t.mul(2).softmax(0))(adjoint.ones([2, 3], { dtype }));
    expect(batched.dtype).toBe(dtype);
  });
});
