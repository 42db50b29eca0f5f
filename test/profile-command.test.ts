// npm run profile: a program of the user's is run as it is, and what it did is printed and written.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { profiler } from 'adjoint';

const folder = mkdtempSync(join(tmpdir(), 'adjoint-profile-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

/** Runs the command on a program with this text, in a folder outside of the repository. */
function profiled(name: string, text: string, ...args: string[]) {
  writeFileSync(join(folder, name), text);
  const command = ['--import', import.meta.resolve('tsx'), resolve('bench', 'profile.ts'), name, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const trace = (name: string): profiler.ChromeTrace => JSON.parse(readFileSync(join(folder, 'out', name), 'utf8')) as profiler.ChromeTrace;

describe('npm run profile', () => {
  it('prints what a TypeScript program did, forward and backward, and writes its timeline', () => {
    const { status, stdout, stderr } = profiled(
      'mine.mts',
      `import { tensor, type Tensor } from 'adjoint';
       const x: Tensor = tensor([1, 2, 3], { requiresGrad: true });
       for (let i = 0; i < 5; i++) x.exp().sum().backward();
       console.log('arguments', process.argv.slice(2).join());`,
      'a',
      'b',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('arguments a,b');
    expect(stdout).toMatch(/\nexp +forward +5 /);
    expect(stdout).toMatch(/\nExpBackward0 +backward +5 /);
    expect(stdout).toMatch(/wrote out\/profile-mine\.json/);
    expect(trace('profile-mine.json').traceEvents.filter(({ name }) => name === 'exp')).toHaveLength(5);
  });

  it('reports also where a program throws or ends the process', () => {
    const thrown = profiled('throws.mjs', "import { tensor } from 'adjoint'; tensor([1]).exp(); throw new Error('mine');");
    expect(thrown.status).not.toBe(0);
    expect(thrown.stderr).toContain('mine');
    expect(thrown.stdout).toMatch(/\nexp +forward +1 /);
    const ended = profiled('ends.mjs', "import { tensor } from 'adjoint'; tensor([1]).exp(); process.exit(3);");
    expect(ended.status).toBe(3);
    expect(ended.stdout).toMatch(/\nexp +forward +1 /);
  });

  it('says what it needs', () => {
    expect(spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), resolve('bench', 'profile.ts')], { encoding: 'utf8' }).stderr).toContain('usage: npm run profile');
    expect(profiled('idle.mjs', '').stdout).toContain('no operation ran');
  });
});
