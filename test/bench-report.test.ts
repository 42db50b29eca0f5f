// The bench's arithmetic: quartiles, parts of a ceiling, verdicts, and results that merge.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COPY_BYTES, PEAK_FLOPS } from '../bench/subjects/ceiling';
import { GOALS, LIMITED_BY } from '../bench/suite/goals';
import { limitKey } from '../bench/suite/measure';
import { report, shareOf, shown, verdicts } from '../bench/suite/report';
import { readResults, writeResults, type Results } from '../bench/suite/results';
import { summaryOf } from '../bench/suite/statistics';
import { WORKLOADS } from '../bench/suite/workloads';

const measured = (min: number) => ({ ...summaryOf([min, 2 * min, 3 * min]), at: '', commit: '' });
const empty = (): Results => ({ machine: {}, subjects: {}, times: {}, figures: {} });
const workload = (name: string) => WORKLOADS.find((w) => w.name === name)!;

describe('the summary of times', () => {
  it('has the smallest, the quartiles and the count', () => {
    expect(summaryOf([5, 1, 4, 2, 3])).toEqual({ min: 1, q1: 2, median: 3, q3: 4, count: 5 });
    expect(summaryOf([1, 2])).toEqual({ min: 1, q1: 1.25, median: 1.5, q3: 1.75, count: 2 });
  });

  it('is shown in the unit a reader wants', () => {
    expect([12.34, 99.99, 1234, 45_678, 123_456_789, 2e9].map(shown)).toEqual(['12.3 ns', '100 ns', '1.23 µs', '45.7 µs', '123 ms', '2.00 s']);
  });
});

describe('goals', () => {
  it('name workloads that there are', () => {
    for (const goal of GOALS) expect(WORKLOADS.map(({ name }) => name)).toContain(goal.workload);
  });

  it('take the part of the peak from the same process', () => {
    const results = empty();
    // A peak of PEAK_FLOPS a microsecond, and a product at half of that.
    const own = (2 * 1000 * workload('product.128').flops!) / PEAK_FLOPS;
    results.times['product.128'] = { adjoint: measured(own), [limitKey('multiplyAdd', 'adjoint')]: measured(1000) };
    expect(shareOf(results, workload('product.128'), 'adjoint', 'multiplyAdd')).toBeCloseTo(0.5, 10);
    expect(verdicts(results)[0]).toMatchObject(['128³', { isMet: false, text: '50 % of peak (at least 85 %)' }]);
    results.times['product.128']['adjoint'] = measured(own / 1.8);
    expect(verdicts(results)[0]![1].isMet).toBe(true);
  });

  it('say what limits them where they are not met', () => {
    const names = [...WORKLOADS.flatMap(({ name }) => [name, `${name}.javascript`]), 'import', 'bundle', 'growth', 'endurance'];
    for (const name of Object.keys(LIMITED_BY)) expect(names).toContain(name);
    const results = empty();
    results.figures['import'] = { aboveEmpty: 16 };
    expect(verdicts(results)[0]![1].limitedBy).toBe(LIMITED_BY['import']);
    expect(report(results)).toContain(LIMITED_BY['import']);
    results.figures['import'] = { aboveEmpty: 15 };
    expect(verdicts(results)[0]![1].limitedBy).toBeUndefined();
  });

  it('are met by one of several conditions', () => {
    const results = empty();
    const copying = (workload('add').bytes! * 1000) / (2 * COPY_BYTES);
    results.times['add'] = { adjoint: measured(copying / 0.9), torch: measured(copying / 2), [limitKey('copy', 'adjoint')]: measured(1000) };
    expect(verdicts(results)[0]![1]).toEqual({ isMet: true, text: "2.22 × PyTorch's time (at most 1.20 ×) or 90 % of copy (at least 80 %)" });
  });

  it('are open without PyTorch, and hold the best JavaScript library against ours', () => {
    const results = empty();
    results.times['exp'] = { adjoint: measured(10), tfjs: measured(30), ort: measured(19), 'jax-jit': { skip: 'no' } };
    expect(verdicts(results)).toEqual([
      ['exp', { isMet: null, text: 'nothing to compare with' }],
      ['exp, JavaScript', { isMet: false, text: '1.90 × as fast as onnxruntime-web' }],
    ]);
    expect(report(results)).toContain('- jax-js, jit, exp: no');
  });
});

describe('the results file', () => {
  it('comes back as it was written, to five digits', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adjoint-results-'));
    const file = join(folder, 'node.json');
    expect(readResults(file)).toEqual(empty());
    const results = empty();
    results.machine = { processors: 2 };
    results.times['exp'] = { adjoint: measured(123_456.78) };
    results.figures['growth'] = { short: 1, long: 1.25 };
    writeResults(file, results);
    const back = readResults(file);
    expect(back.times['exp']!['adjoint']).toMatchObject({ min: 123_460, count: 3 });
    expect([back.machine, back.figures]).toEqual([{ processors: 2 }, { growth: { short: 1, long: 1.25 } }]);
    rmSync(folder, { recursive: true });
  });
});
