// Of which tensors a gradient is a function when it is to be differentiated again, held to PyTorch's for the calls of the conformance vectors.
import { readFileSync } from 'node:fs';
import { AutogradError, type Tensor, grad, nn, onesLike, scope, tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';
import { type Call, decode, tensorOf } from './conformance/decode';
import { EXCEPTIONS as NOT_RUN } from './conformance/exceptions';
import { mainForm, outputsOf } from './conformance/forms';
import { type OpVectors, type Sample, index, load } from './conformance/vectors';

/** By op and number of the sample; test/fixtures/record/second_gradients.py says what the characters mean. */
const { ops } = JSON.parse(readFileSync(new URL('fixtures/second-gradients.json', import.meta.url), 'utf8')) as {
  ops: Record<string, Record<string, string>>;
};

/** What is no larger is zero but for rounding. */
const ZERO = 1e-9;

/** What PyTorch's script records of a call. */
function recorded(op: OpVectors, sample: Sample, isFree: boolean): string {
  const { args, kwargs, leaves }: Call = decode(sample, 'f64');
  const outputs = outputsOf(mainForm(op)!(args, kwargs)) as Tensor[];
  const paths = Object.keys(sample.grads!);
  const cotangents = Object.entries(sample.cotangents!).map(([i, spec]) => [outputs[Number(i)]!, tensorOf(spec, 'f64').requiresGrad_(isFree)] as const);
  const wanted = cotangents.filter(([out]) => out.requiresGrad);
  if (wanted.length === 0) return paths.map(() => 'none').join();
  const inputs = paths.map((path) => leaves.get(path)!);
  const vectors = wanted.map(([, c]) => c);
  const firsts = grad(wanted.map(([out]) => out), inputs, { gradOutputs: vectors, createGraph: true, allowUnused: true });
  const by = isFree ? [...inputs, ...vectors] : inputs;
  return firsts
    .map((g, i) => {
      if (g === null) return 'none';
      if (!g.requiresGrad) return '.';
      const v = sample.v?.[paths[i]!];
      let seconds: (Tensor | null)[];
      try {
        seconds = grad(g, by, { gradOutputs: v === undefined ? onesLike(g) : tensorOf(v, 'f64'), allowUnused: true, retainGraph: true });
      } catch (error) {
        if (error instanceof AutogradError) return '!';
        throw error;
      }
      return seconds.map((s) => (s === null ? '-' : Number(s.abs().le(ZERO).all().item()) === 1 ? '0' : '1')).join('');
    })
    .join();
}

/** Where a gradient may be a function of other tensors than PyTorch's, and why. */
const EXCEPTIONS: readonly { readonly op: RegExp; readonly why: string; readonly isFine: (theirs: string, ours: string) => boolean }[] = [
  { op: /./, why: 'PyTorch has no second derivative there', isFine: (theirs) => theirs === '!' },
  {
    op: /conv|batch_norm|instance_norm/,
    why: 'PyTorch computes all gradients of the op at once, so that one that depends on nothing requires grad as the others do; every derivative of it is absent',
    isFine: (theirs, ours) => /^-+$/.test(theirs) && ours === '.',
  },
  {
    op: /group_norm/,
    why: 'PyTorch has a formula for all operands, with zeros by those that a gradient does not depend on; here these are absent',
    isFine: (theirs, ours) => theirs.length === ours.length && Array.from(theirs, (t, i) => t === ours[i] || (t === '0' && ours[i] === '-')).every(Boolean),
  },
  { op: /native_layer_norm/, why: 'without a weight PyTorch takes the gradient of the bias for a constant, where it is the sum of the cotangent', isFine: (theirs, ours) => theirs === '---' && ours === '--1' },
  { op: /^addr$/, why: 'with beta 0 the gradient of the input is zero, whatever the cotangent is', isFine: (theirs, ours) => theirs === '---0' && ours === '.' },
  { op: /^linalg\.det$/, why: 'PyTorch takes the gradient of matrices of size 1 for a constant; here it is as of all sizes', isFine: (theirs, ours) => ours === '0' + theirs.slice(1) },
  { op: /grid_sample$/, why: 'the nearest pixel is read by an index, which the grid is no operand of; the gradient of the grid is zero for both', isFine: (theirs, ours) => /^[-0]+1?$/.test(theirs) && /^\.$|^--1$/.test(ours) },
];

/** What differs from PyTorch's record, apart from the exceptions. */
function isSame(op: string, theirs: string, ours: string): boolean {
  const [a, b] = [theirs, ours].map((text) => text.split(/[|,]/));
  return a!.length === b!.length && a!.every((t, i) => t === b![i] || EXCEPTIONS.some((e) => e.op.test(op) && e.isFine(t, b![i]!)));
}

describe('gradients that are to be differentiated again', () => {
  for (const row of index.filter(({ op }) => op in ops)) {
    it(`are functions of the same tensors as PyTorch's: ${row.op}`, () => {
      const op = load(row);
      const wrong = op.samples.flatMap((sample) => {
        const want = ops[row.op]![sample.id.split('#')[1]!];
        if (want === undefined || sample.id in NOT_RUN) return [];
        const got = [false, true].map((isFree) => scope(() => recorded(op, sample, isFree))).join('|');
        return isSame(row.op, want, got) ? [] : [`${sample.id}: expected ${want}, got ${got}`];
      });
      expect(wrong).toEqual([]);
    });
  }

  it('are read by zeros through the rest of the graph', () => {
    const [w, x] = [tensor([0.5, -2], { dtype: 'float64', requiresGrad: true }), tensor([1, 3], { dtype: 'float64', requiresGrad: true })];
    const seen: number[][] = [];
    const h = x.mul(w);
    const [g] = grad(nn.functional.relu(h).sum(), [x], { createGraph: true });
    h.registerHook((t) => { seen.push([...t.tolist() as number[]]); });
    // PyTorch: the gradient is w where x · w > 0; a hook on the way sees the zeros that arrive there.
    g.square().sum().backward();
    expect([w.grad!.tolist(), x.grad!.tolist(), seen]).toEqual([[1, 0], [0, -0], [[0, 0]]]);
  });
});
