import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./overflow-program.mjs', import.meta.url));

/** What `program` prints, run in a process of its own; with a small stack, which ends sooner. */
function run(kind: string, rounds: number, flags: readonly string[] = ['--stack-size=300']): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', ...flags, program, kind, String(rounds)], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const unharmed = { thrown: ['RangeError: Maximum call stack size exceeded'], isSame: true, more: 0, moreStorages: 0 };

describe('a recursion that overflows the stack in a call leaves the instance as it was', () => {
  it.each(['add', 'sum', 'softmax', 'index', 'matmul', 'einsum', 'sort', 'item', 'print', 'tensor', 'dropout', 'conv', 'noGrad', 'inferenceMode', 'backward', 'grad',
    'module', 'custom', 'hook', 'checkpoint', 'vmap', 'jvp', 'funcGrad', 'capture'])('%s', (kind) => {
    expect(run(kind, 60)).toEqual(unharmed);
  }, 120_000);

  it.each(['in scope', 'in Scope', 'in noGrad', 'in vmap', 'in jvp', 'in grad', 'in a hook', 'in a backward', 'in a checkpoint', 'in a capture'])('%s', (kind) => {
    expect(run(kind, 20)).toEqual(unharmed);
  }, 120_000);

  it.each(['sum', 'backward'])('500 times in %s', (kind) => {
    expect(run(kind, 500)).toEqual(unharmed);
  }, 240_000);

  it('with the stack that Node has by default', () => {
    expect(run('custom', 5, [])).toEqual(unharmed);
  }, 120_000);

  it('where the engine has more stack than Rust', () => {
    expect(run('in a hook', 3, ['--stack-size=3900'])).toEqual(unharmed);
  }, 120_000);
});
