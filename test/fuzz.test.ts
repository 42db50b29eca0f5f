// The fuzzer (test/fuzz): the programs that once found something, and calls of fixed seeds, each seed in a process of its own.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runPrograms, runSeed } from './fuzz/parent';

const CORPUS = join(import.meta.dirname, 'fuzz/corpus');

/** 50,000 calls in all. */
const SEEDS = [1, 2, 3, 4, 5];
const CALLS = 10_000;

describe('programs that once found something', async () => {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith('.json')).sort();
  const findings = await runPrograms(files.map((name) => join(CORPUS, name)));
  test.each(files.map((name, i) => [name, i] as const))('%s finds nothing any more', (name, i) => {
    const { was } = JSON.parse(readFileSync(join(CORPUS, name), 'utf8')) as { was: string };
    expect(findings[i]?.message ?? null, was).toBeNull();
  });
});

describe('random calls give a valid result or a typed error, and touch nothing else', () => {
  test.each(SEEDS)(`of seed %i`, async (seed) => {
    const { calls, found } = await runSeed(seed, CALLS);
    expect(found.map(({ key, index, finding }) => ({ key, index, program: finding.program }))).toEqual([]);
    expect(calls).toBeGreaterThanOrEqual(CALLS);
  }, 300_000);
});
