// Figures that are no time of a call: start, size, growth and endurance.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import type { SubjectProcess } from './process';
import { summaryOf } from './statistics';

const BENCH = join(import.meta.dirname, '..');
const PEERS = join(BENCH, 'peers');

const RUNS = 15;

/** Milliseconds of Node for a script, above those for an empty one; all take turns. */
export function startTimes(withPeers: boolean): Record<string, number> {
  const empty = join(mkdtempSync(join(tmpdir(), 'adjoint-bench-')), 'empty.mjs');
  writeFileSync(empty, '');
  const scripts: Record<string, string> = { empty, adjoint: join(BENCH, 'subjects', 'first-gradient.mjs') };
  if (withPeers) for (const name of ['jax', 'tfjs']) scripts[name] = join(PEERS, 'first-gradient', `${name}.mjs`);
  const flags = process.execArgv.filter((flag) => flag.includes('relaxed-simd'));
  const times: Record<string, number[]> = {};
  for (let run = 0; run < RUNS; run++) {
    for (const [name, script] of Object.entries(scripts)) {
      const start = performance.now();
      execFileSync(process.execPath, [...flags, script], { stdio: 'ignore' });
      (times[name] ??= []).push(performance.now() - start);
    }
  }
  const { min: nothing, median: usually } = summaryOf(times['empty']!);
  const { min, median } = summaryOf(times['adjoint']!);
  const found: Record<string, number> = { empty: nothing, aboveEmpty: min - nothing, aboveEmptyMedian: median - usually };
  for (const name of ['jax', 'tfjs']) if (times[name] !== undefined) found[`${name} aboveEmpty`] = summaryOf(times[name]).min - nothing;
  return found;
}

/** Bytes of all files that a bundler makes of a page, with brotli; without those `isLater` accepts, which it does not load. */
async function bundleBytes(entry: string, beside: readonly string[] = [], isLater = (_name: string) => false): Promise<number> {
  const made = await build({
    root: join(entry, '..'),
    logLevel: 'silent',
    configFile: false,
    build: { write: false, target: 'esnext', rolldownOptions: { input: entry }, assetsInlineLimit: 0 },
  });
  const outputs = (Array.isArray(made) ? made : [made]).flatMap((m) => ('output' in m ? m.output : []));
  const contents = outputs.filter(({ fileName }) => !isLater(fileName)).map((o) => (o.type === 'chunk' ? Buffer.from(o.code) : Buffer.from(o.source)));
  const files = beside.filter((file) => existsSync(file)).map((file) => readFileSync(file));
  return [...contents, ...files].reduce((sum, content) => sum + brotliCompressSync(content).length, 0);
}

/** Bytes of a training page of the library and of peers; of onnxruntime-web, which does not train, a page that infers. */
export async function bundles(withPeers: boolean): Promise<Record<string, number | string>> {
  // The secondary module is loaded by pages that need it; test/packaging asserts in a browser that training does not.
  const page = join(BENCH, 'subjects', 'training-page.js');
  const found: Record<string, number | string> = {
    adjoint: await bundleBytes(page, [], (name) => name.includes('secondary')),
    'adjoint, all loaded': await bundleBytes(page),
  };
  if (!withPeers) return found;
  const modules = join(PEERS, 'node_modules');
  const beside: Record<string, string[]> = {
    jax: [],
    tfjs: [join(modules, '@tensorflow', 'tfjs-backend-wasm', 'dist', 'tfjs-backend-wasm-simd.wasm')],
    ort: [], // the bundler finds the binary by itself
  };
  for (const [name, files] of Object.entries(beside)) {
    found[name] = await bundleBytes(join(PEERS, 'page', `${name}.js`), files).catch((error: unknown) => (error as Error).message.split('\n')[0]!);
  }
  return found;
}

/** Asks the library's process for one of its metrics. */
export async function metric(subject: SubjectProcess, name: string): Promise<Record<string, number>> {
  const { value, skip } = await subject.ask(`metric ${name}`);
  if (skip !== undefined) throw new Error(`${name}: ${skip}`);
  return value as Record<string, number>;
}
