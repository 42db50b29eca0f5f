// The breadth bench: its table of cases, the numbers of its inputs, and how results are judged.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isProgram, normal, uniform } from '../bench/breadth/case';
import { CASES, FAMILIES } from '../bench/breadth/families';
import { made, uniformAt } from '../bench/breadth/inputs';
import { LIMITED_BY } from '../bench/breadth/limits';
import { difference, grows } from '../bench/breadth/measure';
import { breadthPage, listing, mostGrowth, rowsOf, steep } from '../bench/breadth/report';
import { BREADTH_FOLDER, readBreadth, type BreadthResults, type Pass } from '../bench/breadth/results';

const pass = (ratio: number, rest: Partial<Pass> = {}): Pass => ({ ratio, q1: ratio / 2, q3: 2 * ratio, pairs: 3, ours: 1000 * ratio, torch: 1000, ...rest });
const results = (cases: BreadthResults['cases']): BreadthResults => ({ machine: {}, subjects: {}, load: [1, 2], cases });
const stamp = { at: '2026-01-02T00:00:00Z', commit: '' };

describe('the table of cases', () => {
  it('has about 150 operations or more, each with a name of its own', () => {
    const ids = CASES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(150);
    expect(ids.filter((id) => /\s/.test(id))).toEqual([]);
    expect(FAMILIES.every(({ ofTorch }) => ofTorch <= 2)).toBe(true);
  });

  it.each(CASES.flatMap(({ id, made: one }) => (isProgram(one) ? [] : [[id, one] as const])))('%s asks for gradients of inputs that it has, and its Python names them', (_, one) => {
    const names = Object.keys(one.inputs(1));
    for (const name of one.of ?? []) {
      expect(names).toContain(name);
      expect(one.torch).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });

  it('says what limits cases that there are', () => {
    const ids = CASES.map(({ id }) => id);
    for (const name of Object.keys(LIMITED_BY)) expect(ids).toContain(name.replace(/:(forward|backward)$/, ''));
  });
});

describe('inputs', () => {
  it('have the numbers that the Python of the bench makes', () => {
    // uniform_at(np.arange(3), 0) and (…, 5) of bench/peers/torch_breadth.py.
    expect([0, 1, 2].map((i) => uniformAt(i, 0))).toEqual([0.5733975800685585, 0.5883937727194279, 0.7041337329428643]);
    expect([0, 1, 2].map((i) => uniformAt(i, 5))).toEqual([0.8564536937046796, 0.8023304811213166, 0.7159897782839835]);
  });

  it('have the mean and variance that is said', () => {
    const x = made(normal([10_000]), 0);
    expect(Math.abs(x.mean().item())).toBeLessThan(0.05);
    expect(Math.abs(x.std().item() - 1)).toBeLessThan(0.05);
    const y = made(uniform([1000], -2, 3), 1);
    expect(y.amin().item()).toBeGreaterThanOrEqual(-2);
    expect(y.amax().item()).toBeLessThan(3);
  });
});

describe('results', () => {
  it('are compared by shapes and sums before they are timed', () => {
    expect(difference([[[2], 1, 4]], [[[2], 1.001, 4]], false)).toBeNull();
    expect(difference([[[2], 1, 4]], [[[2], 1.1, 4]], false)).toMatch(/^sums 1 /);
    expect(difference([[[2], 1, 4]], [[[2], 2, 4]], true)).toBeNull();
    expect(difference([[[2], 1, 4]], [[[1, 2], 1, 4]], true)).toMatch(/^shapes/);
    expect(difference([[[2], NaN, NaN]], [[[2], 1, 1]], false)).toMatch(/^sums NaN/);
  });

  it('are within the goal of their family, at a limit, or above', () => {
    const found = results({
      'elementwise/add': { ...stamp, forward: pass(1.5), backward: pass(2.5) },
      'elementwise/mul': { ...stamp, forward: pass(3, { ofCopy: 0.9 }), backward: { skip: 'why' } },
      'small/add': { ...stamp, forward: pass(1.25) },
    });
    expect(rowsOf(found).map(({ placed, kind, isWithin, limit }) => [placed.id, kind, isWithin, limit])).toEqual([
      ['elementwise/mul', 'forward', false, 'memory: 90 % of a copy'],
      ['elementwise/add', 'backward', false, LIMITED_BY['elementwise/add:backward'] ?? LIMITED_BY['elementwise/add'] ?? null],
      ['elementwise/add', 'forward', true, null],
      ['small/add', 'forward', false, null],
    ]);
    expect(listing(found, false)).toContain('not measured: elementwise/mul, backward: why');
    expect(breadthPage(found)).toContain('- elementwise/mul, backward: why');
  });

  it('grow at most as their algorithm does', () => {
    const of = (id: string) => CASES.find((placed) => placed.id === id)!;
    expect([grows(of('elementwise/add')), grows(of('linalg/solve')), grows(of('models/train.tiny'))]).toEqual([true, false, false]);
    const found = results({ 'elementwise/add': { ...stamp, growth: [2, mostGrowth(1) - 0.1] }, 'elementwise/mul': { ...stamp, growth: [3, mostGrowth(1) + 0.1] } });
    expect(steep(found).map(({ placed }) => placed.id)).toEqual(['elementwise/mul']);
    expect(listing(found, true)).toContain('1 of 2 grow faster');
  });
});

describe('the record', () => {
  it('is what the page of the documentation shows', () => {
    const files = existsSync(BREADTH_FOLDER) ? readdirSync(BREADTH_FOLDER) : [];
    expect(files.length).toBeGreaterThan(0);
    expect(files.map((name) => breadthPage(readBreadth(join(BREADTH_FOLDER, name))))).toContain(readFileSync('docs/breadth.md', 'utf8'));
  });
});
