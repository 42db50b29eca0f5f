import { describe, expect, it } from 'vitest';
import { lecture } from '../examples/lecture';
import { findingsOf, isClose } from '../examples/lecture/case';
import { growthOf } from '../bench/growth';

describe.each(lecture.map((example) => [example.title, example] as const))('the lecture: %s', (_, example) => {
  it('agrees with the closed form', () => {
    const findings = findingsOf(example);
    expect(findings.length).toBeGreaterThan(0);
    for (const { what, value, closed } of findings) {
      expect(isClose(value, closed), `${what}: ${JSON.stringify(value)} beside ${JSON.stringify(closed)}`).toBe(true);
    }
  });
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
