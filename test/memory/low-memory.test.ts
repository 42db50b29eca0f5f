import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What a program prints, run in a process of its own with little memory. */
function run(name: string, argument = ''): Record<string, unknown> {
  const program = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ['--wasm-max-mem-pages=600', program, ...(argument === '' ? [] : [argument])], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('with less and less memory left, a call works or throws OutOfMemoryError', () => {
  it.each(['sort', 'topk', 'median', 'medianOfRows', 'argmax', 'argmin', 'logsumexp', 'sum', 'prod', 'norm', 'normOfPowers', 'cumsum', 'linear', 'multinomial', 'unbind',
    'split', 'meshgrid', 'broadcastTensors', 'blockDiag', 'cartesianProd', 'zerosOfMany', 'reshapeToMany', 'permuteMany', 'catMany', 'stackMany', 'wideBackward', 'gradOfMany', 'unbindDeep', 'splitDeep', 'tensorSplitDeep', 'einsum', 'gamma', 'dirichlet', 'numbers', 'randperm', 'randint', 'arange', 'linspace', 'logspace', 'attention', 'layerNorm', 'conv', 'pool', 'matmul', 'index', 'embedding'])('%s', (op) => {
    const { others, isAlive, worked } = run('low-memory-program', op);
    expect({ others, isAlive }).toEqual({ others: [], isAlive: true });
    expect(worked).toBeGreaterThan(0);
  }, 120_000);
});

describe('with less and less memory left, every op', () => {
  it('of the table works or throws OutOfMemoryError, forward and backward', () => {
    const { wrong, called, isAlive } = run('every-op-program');
    expect({ wrong, isAlive }).toEqual({ wrong: {}, isAlive: true });
    expect(called).toBeGreaterThan(290);
  }, 600_000);
});

it('what thousands of small tensors took is there for a large one once they are released', () => {
  const { largest, count, isAlive } = run('large-after-small-program');
  expect(isAlive).toBe(true);
  expect(count).toBeGreaterThan(50_000);
  // Of 37 MiB; 1 before chunks were given back. The instance, its stack and the table of handles keep some, and sizes are rounded up.
  expect(largest).toBeGreaterThan(12);
}, 120_000);

it('a result that no handle can be had for goes, with what hooks have packed', () => {
  const { others, isAlive, packed, worked, outOfMemory } = run('no-handle-program');
  expect({ others, isAlive }).toEqual({ others: [], isAlive: true });
  for (const count of [packed, worked, outOfMemory]) expect(count).toBeGreaterThan(0);
}, 120_000);

describe('a loop outside any scope that runs out of memory', () => {
  it('is told how many tensors no scope releases, and goes on when nothing refers to them', () => {
    const { isTyped, details, message, first, again } = run('out-of-memory-program', '');
    expect(isTyped).toBe(true);
    expect(details).toMatchObject({ unscopedTensors: first });
    expect(message).toContain(`; ${first as number} tensors are outside any scope (trackLeaks() tells where they were made)`);
    expect(again).toBe(first);
  }, 120_000);

  it('is told where they were made, if that was recorded', () => {
    const { message, first, again } = run('out-of-memory-program', 'track');
    expect(again).toBe(first);
    expect(message).toMatch(new RegExp(`; ${first as number} tensors are outside any scope, most made: ${first as number} at .*out-of-memory-program\\.mjs:\\d+:\\d+`));
  }, 120_000);
});

it.each(['immediate', 'timeout'])('memory that ran out is there again in the next task, an %s', (kind) => {
  const { first, tasks, again } = run('next-task-program', kind);
  expect(tasks).toBe(1);
  // In other pieces than before.
  expect(again).toBeGreaterThan(0.9 * (first as number));
}, 120_000);
