import { describe, expect, it } from 'vitest';
import { lecture } from '../examples/lecture';
import { findingsOf, isClose } from '../examples/lecture/case';
import { growthOf } from '../bench/growth';
import { chartOf, claims, costOf, exponentOf, lengths, pictureOf } from '../examples/lecture/costs';
import { forms } from '../examples/lecture/forms';

describe.each(lecture.map((example) => [example.title, example] as const))('the lecture: %s', (_, example) => {
  it('agrees with the closed form', () => {
    const findings = findingsOf(example);
    expect(findings.length).toBeGreaterThan(0);
    for (const { what, value, closed } of findings) {
      expect(isClose(value, closed), `${what}: ${JSON.stringify(value)} beside ${JSON.stringify(closed)}`).toBe(true);
    }
  });
});

describe.each(claims)('the plan of a chain: $name', (claim) => {
  const rows = lengths.map((n) => costOf(claim, n));
  const grows = (pick: (cost: (typeof rows)[number]) => number): number => exponentOf(rows.map(pick));

  it('has as many calls as the lecture says', () => {
    expect(grows((c) => c.calls)).toBeCloseTo(claim.work, 2);
  });

  it('has the memory that the lecture says, by the lifetimes of its values, with and without a plan', () => {
    expect(grows((c) => c.planned)).toBeCloseTo(claim.memory, 2);
    expect(grows((c) => c.unplanned)).toBeCloseTo(claim.memory, 2);
    for (const { planned, unplanned } of rows) expect(planned).toBeLessThanOrEqual(unplanned);
  });

  it('has the memory that is counted at a replay, and grows as the function itself does', () => {
    // Heads of tensors and numbers are counted, too.
    for (const { planned, replayed } of rows) expect(Math.abs(replayed - planned)).toBeLessThan(0.02 * planned + 4096);
    expect(grows((c) => c.eager)).toBeCloseTo(claim.memory, 1);
  });

  it('is drawn', () => {
    const picture = pictureOf(claim, 9);
    expect(picture).toContain('call by call: ');
    expect(picture).toContain('planned: ');
    expect(picture.startsWith('<svg ')).toBe(true);
  });
});

it('the growth of chains is drawn, dashed where it was measured', () => {
  const picture = chartOf(claims.map((claim) => ({ claim, rows: [16, 64].map((n) => costOf(claim, n)) })));
  expect(picture.match(/class="series s\d" stroke-dasharray/g)).toHaveLength(claims.length);
});

it('one function has the same bits as it is written, as an explicit graph, lazily and by a plan', () => {
  const [first, ...others] = forms();
  expect(others.map(({ name }) => name)).toEqual(['explicit', 'lazily', 'planned']);
  for (const { value, gradient } of others) {
    expect(value).toBe(first!.value);
    if (gradient !== null) expect(gradient).toEqual(first!.gradient);
  }
});

describe('the cost of chains of operations', () => {
  it('is constant memory without gradients, linear with, and all of it is freed', () => {
    const short = growthOf(1000);
    const long = growthOf(4000);
    expect(long.noGradBytes).toBe(short.noGradBytes);
    expect(long.nodes / short.nodes).toBeCloseTo(4, 1);
    expect(long.forwardBytes / short.forwardBytes).toBeCloseTo(4, 1);
    expect(long.backwardBytes).toBeLessThan(short.backwardBytes + 4096);
    expect(short.isFreed && long.isFreed).toBe(true);
  });

  it('a chain of a million operations is made, differentiated and freed without overflowing the stack', () => {
    const { nodes, isFreed } = growthOf(1_000_000);
    expect(nodes).toBeGreaterThan(999_999);
    expect(isFreed).toBe(true);
  });
});
