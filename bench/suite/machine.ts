// Facts about the machine that go with every figure.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** The flags of the processor that decide what native code can do. */
function vectorFlags(): string {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
    return ['sse4_1', 'avx2', 'fma', 'avx512f'].filter((flag) => flags.includes(flag)).join(' ');
  } catch {
    return '';
  }
}

/** Processor, memory, system and engine. */
export function machineFacts(): Record<string, unknown> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    vectorFlags: vectorFlags(),
    processors: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** The commit that is checked out, with a plus where files differ from it. */
export function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no', 'crates', 'ts') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
