// The training of the page with digits: what moves to another instance of the library, when it gets threads, is all of it.
import { getNumThreads, reset } from 'adjoint';
import { beforeAll, expect, test } from 'vitest';
import { digitsFile } from '../scripts/site/digits.mjs';
import { loadDigits } from '../site/workers/digits-file';
import { Training, fromTheStart } from '../site/workers/digits-training';

beforeAll(() => loadDigits(URL.createObjectURL(new Blob([new Uint8Array(digitsFile())]))), 120_000);

test('a training that was kept goes on in another instance where it stood', { timeout: 60_000 }, async () => {
  const first = fromTheStart();
  let loss = Infinity;
  for (let i = 0; i < 8; i++) ({ loss } = await first.turn());
  const kept = await first.keep();
  expect(kept.step).toBe(first.step);
  expect(kept.momenta).not.toBeNull();
  reset();
  const second = new Training(kept);
  expect(await second.keep()).toEqual(kept);
  const next = await second.turn();
  expect(next.step).toBeGreaterThan(kept.step);
  // Weights by chance have a loss above 2.
  expect(next.loss).toBeLessThan(Math.max(1.5, 3 * loss));
  expect(getNumThreads()).toBe(1);
});

test('one that has not begun has no momenta to keep', async () => {
  const kept = await fromTheStart().keep();
  expect(kept).toMatchObject({ momenta: null, step: 0, epoch: 0 });
  expect((await new Training(kept).turn()).step).toBeGreaterThan(0);
});

test('without a graphics card it says so, and the training goes on on the processor', async () => {
  const training = fromTheStart();
  await expect(training.toDevice()).rejects.toThrow(/WebGPU/);
  expect((await training.turn()).step).toBeGreaterThan(2);
});
