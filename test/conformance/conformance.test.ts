// Every op that Adjoint has, on what PyTorch 2.15 gave for it. README.md says what is compared, and how to read a failure.
import { AdjointError, scope } from 'adjoint';
import { describe, expect, test } from 'vitest';
import { decode } from './decode';
import { EXCEPTIONS } from './exceptions';
import { inPlaceForm, mainForm, methodForm, wantsMethod, type Form } from './forms';
import { replay, replayInPlace } from './replay';
import { table } from './table';
import { index, load, type ErrorCase, type OpVectors, type Sample } from './vectors';

const rows = index.map((row) => ({ row, op: load(row) }));
const present = rows.filter(({ op }) => mainForm(op) !== null);

/** One line a failing sample; the test is its being empty. */
function failures(samples: readonly Sample[], run: (sample: Sample) => string[], ...marks: readonly string[]): string[] {
  const excepted = ({ id }: Sample): boolean => [id, ...marks.map((mark) => `${id} (${mark})`)].some((key) => key in EXCEPTIONS);
  return samples.filter((sample) => !excepted(sample)).flatMap((sample) => {
    const wrong = run(sample);
    return wrong.length === 0 ? [] : [`${sample.id}${sample.tags === undefined ? '' : ` (${sample.tags.join(', ')})`}: ${wrong.join('; ')}`];
  });
}

/** What is wrong with how a call fails: it must throw an AdjointError that names the op. */
function failsWell(op: OpVectors, form: Form, { args, kwargs = {}, argNames = [], category }: ErrorCase): string[] {
  const name = op.ts.split('.').at(-1)!;
  try {
    scope(() => {
      const call = decode({ args, kwargs, argNames }, 'f64');
      form(call.args, call.kwargs);
    });
  } catch (error) {
    if (!(error instanceof AdjointError)) return category === 'binding' && error instanceof TypeError ? [] : [`${(error as Error).name}: ${(error as Error).message}`];
    return error.message.includes(name) ? [] : [`the message does not name ${name}: ${error.message}`];
  }
  // Wrong kinds of arguments are the compiler's to find; where a call succeeds all the same, that is as good.
  return category === 'binding' ? [] : ['nothing was thrown'];
}

const TIERS = [[1, 'tier 1 (core)'], [2, 'tier 2 (common)'], [3, 'tier 3']] as const;

/** The ops of PyTorch that are not here, as `missing.txt` lists them. */
function missingOps(): string {
  const absent = rows.filter(({ op }) => mainForm(op) === null).map(({ row, op }) => ({ tier: row.tier, name: op.op }));
  const parts = TIERS.map(([tier, title]) => ({ tier, title, names: absent.filter((op) => op.tier === tier).map(({ name }) => name).sort() }));
  const counts = parts.map(({ title, names }) => `${names.length} of ${title}`).join(', ');
  const head = `# ${absent.length} of PyTorch's ${rows.length} recorded ops are not here: ${counts}.\n# Written by \`npx vitest run test/conformance -t missing -u\`.\n`;
  return head + parts.map(({ tier, names }) => `\n# tier ${tier}\n${names.map((name) => `${name}\n`).join('')}`).join('');
}

test('missing.txt lists exactly the ops of PyTorch that are not here', async () => {
  await expect(missingOps()).toMatchFileSnapshot('missing.txt');
});

test('docs/conformance.md is the table of what is here', async () => {
  await expect(table(rows)).toMatchFileSnapshot('../../docs/conformance.md');
});

test('every exception is a sample that there is', () => {
  const known = new Set(rows.flatMap(({ op }) => [...op.samples, ...op.errors].map(({ id }) => id)));
  expect(Object.keys(EXCEPTIONS).filter((key) => !known.has(key.replace(/ \(\w+\)$/, '')))).toEqual([]);
});

/** Fails with the lines, one a sample. */
function expectNone(lines: readonly string[]): void {
  if (lines.length > 0) expect.fail(`${lines.length} differ:\n${lines.join('\n')}`);
}

for (const { op } of present) describe(op.op, () => {
  const form = mainForm(op)!;
  for (const mode of ['f64', 'f32'] as const) {
    const samples = mode === 'f64' ? op.samples : op.samples.filter((s) => s.f32 === true);
    const withGrad = samples.filter((s) => s.grads !== undefined);
    if (samples.length > 0) test(`${mode}: values and gradients`, () => {
      expectNone(failures(samples, (s) => replay(form, s, mode, 'gradients'), mode));
    });
    if (withGrad.length > 0) test(`${mode}: forward mode`, () => {
      expectNone(failures(withGrad, (s) => replay(form, s, mode, 'forward'), mode, 'forward'));
    });
  }
  if (wantsMethod(op)) test('as a method', () => {
    const method = methodForm(op);
    expect(method, `Tensor has no method for ${op.method}`).not.toBeNull();
    expectNone(failures(op.samples.filter((s) => s.method === true), (s) => replay(method!, s, 'f64', 'gradients')));
  });
  if (op.inplace !== null && op.samples.some((s) => s.inplace === true)) test('in place', () => {
    const inPlace = inPlaceForm(op);
    expect(inPlace, `there is no ${op.inplace}`).not.toBeNull();
    expectNone(failures(op.samples.filter((s) => s.inplace === true), (s) => replayInPlace(inPlace!, s, 'f64')));
  });
  if (op.errors.length > 0) test('errors', () => {
    const wrong = op.errors
      .filter(({ id }) => !(id in EXCEPTIONS))
      .flatMap((e) => failsWell(op, form, e).map((w) => `${e.id} (${e.category}; ${e.error.message}): ${w}`));
    expectNone(wrong);
  });
});
