// Every op in float16 and bfloat16, on what PyTorch 2.15 gave: the samples of test/conformance/vectors with halves in place of float64.
//
// Most outputs are PyTorch's to the bit. Where a function is approximated, or sums have another order, they are a unit in the last place off.
// Some of PyTorch's functions are several ops and round in between where one kernel does here, and in PyTorch's own kernels the last elements
// of an array may be computed by other code than the rest: then an element may be off by more where its terms cancel, but by no more than a
// unit in the last place of the greatest element. Gradients are made of more ops, which PyTorch rounds one by one: four such units.
import { grad, scope, type Tensor } from 'adjoint';
import { describe, expect, test } from 'vitest';
import { decode, tensorOf } from '../conformance/decode';
import { EXCEPTIONS } from '../conformance/exceptions';
import { mainForm, outputsOf, type Form } from '../conformance/forms';
import { index, load, type Sample } from '../conformance/vectors';
import { distance, recorded, type Distance, type HalfDType, type Recorded } from './recorded';

const OUTPUT_ULPS = 1;
const GRADIENT_ULPS = 4;

/** Samples of which the gradients are not compared. */
const EXCEPTED: Readonly<Record<string, string>> = {
  'nn.functional.normalize#2': 'of one element, whose gradient is 0: what is left are roundings of rsqrt, other ones in the last elements of an array',
  'nn.functional.cosine_similarity#11': 'of a vector of zeros, divided by an eps that is 0 in float16',
};

function judge(what: string, d: Distance, ulps: number): string[] {
  if ('wrong' in d) return [`${what}: ${d.wrong}`];
  return d.ulps <= ulps || d.ofGreatest <= ulps ? [] : [`${what}${d.at}: ${d.ulps} ulps, ${d.ofGreatest} of the greatest`];
}

/** What is wrong with a sample. */
function replay(form: Form, sample: Sample, want: Recorded, dtype: HalfDType): string[] {
  return scope(() => {
    const call = decode(sample, dtype);
    const outputs = outputsOf(form(call.args, call.kwargs));
    const wrong = want.o.flatMap((expected, i) => judge(`output ${i}`, distance(outputs[i], expected, dtype), OUTPUT_ULPS));
    if (wrong.length > 0 || want.g === undefined || sample.id in EXCEPTED) return wrong;
    const paths = Object.keys(want.g);
    const leaves = paths.map((path) => call.leaves.get(path)!);
    const cotangents = Object.entries(sample.cotangents!)
      .map(([i, spec]) => [outputs[Number(i)] as Tensor, tensorOf(spec, dtype)] as const)
      .filter(([output]) => output.requiresGrad);
    const gradOutputs = cotangents.map(([, cotangent]) => cotangent);
    const got = grad(cotangents.map(([output]) => output), leaves, { gradOutputs, allowUnused: true });
    return paths.flatMap((path, i) => judge(`gradient of ${path}`, distance(got[i]!, want.g![path]!, dtype), GRADIENT_ULPS));
  });
}

const rows = index.filter(({ op }) => op in recorded.ops).map((row) => load(row)).filter((op) => mainForm(op) !== null);

test('the recorded ops are here', () => {
  expect(rows.length).toBeGreaterThan(320);
});

for (const dtype of ['float16', 'bfloat16'] as const) {
  describe(`computed in ${dtype}`, () => {
    for (const op of rows) {
      const samples = op.samples.filter(({ id }) => recorded.ops[op.op]![id]?.[dtype] !== undefined && !(id in EXCEPTIONS));
      if (samples.length === 0) continue;
      test(op.op, () => {
        const form = mainForm(op)!;
        const wrong = samples.flatMap((sample) => {
          const want = recorded.ops[op.op]![sample.id]![dtype]!;
          return replay(form, sample, want, dtype).map((line) => `${sample.id} ${line}`);
        });
        if (wrong.length > 0) expect.fail(wrong.join('\n'));
      });
    }
  });
}
