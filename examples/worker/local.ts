// Runs the Worker on this machine, in the engine that Cloudflare runs, and measures it:
//   node scripts/run.mjs examples/worker/local.ts [--serve]
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { mnist } from '../mnist';
import { serveWorker, type WorkerServer } from '../../scripts/serve/workerd.mjs';
import { writeWeights } from '../serving/weights';

const here = dirname(fileURLToPath(import.meta.url));

/** Bundles the Worker with `weights`, a safetensors file, into a folder, as wrangler does: what is not JavaScript stays a module. */
export async function bundle(weights: string, folder: string): Promise<void> {
  await build({
    entryPoints: [join(here, 'worker.ts')],
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    assetNames: '[name]',
    loader: { '.wasm': 'copy', '.safetensors': 'copy' },
    plugins: [{ name: 'weights', setup: (bundler) => { bundler.onResolve({ filter: /digits\.safetensors$/ }, () => ({ path: weights })); } }],
    logLevel: 'warning',
  });
  copyFileSync(join(here, 'worker.capnp'), join(folder, 'worker.capnp'));
}

/** The first images of the test set as grey values, with their digits. */
export function examples(count: number): { images: number[][]; digits: number[] } {
  const [images, labels] = mnist('t10k').tensors.map((t) => t.narrow(0, 0, count).to('float32').tolist());
  return { images: images as number[][], digits: labels as number[] };
}

/** Sends images; returns the digits the Worker reads and how long it took, in milliseconds. */
export async function ask(address: string, images: number[][]): Promise<{ digits: number[]; ms: number }> {
  const start = performance.now();
  const response = await fetch(address, { method: 'POST', body: JSON.stringify({ images }) });
  const body = (await response.json()) as { answers?: { digit: number }[]; error?: string };
  if (body.answers === undefined) throw new Error(`${response.status}: ${body.error ?? ''}`);
  return { digits: body.answers.map(({ digit }) => digit), ms: performance.now() - start };
}

const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]!;

/** What a service costs: milliseconds, and bytes of the engine's process. */
export interface Cost {
  readonly cold: number;
  readonly warm: number;
  readonly residentBytes: number;
}

/** The first answer of a server that was not asked yet, the median of 200 later ones, and what the process then holds. */
export async function measure(server: WorkerServer): Promise<Cost> {
  const { images } = examples(1);
  const cold = (await ask(server.address, images)).ms;
  const times: number[] = [];
  for (let i = 0; i < 200; i++) times.push((await ask(server.address, images)).ms);
  return { cold, warm: median(times), residentBytes: server.residentBytes() };
}

async function main(): Promise<void> {
  const weights = join(process.cwd(), 'out', 'digits.safetensors');
  if (!existsSync(weights)) writeWeights(weights);
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-worker-'));
  process.on('exit', () => { rmSync(folder, { recursive: true, force: true }); });
  await bundle(weights, folder);
  const server = await serveWorker(join(folder, 'worker.capnp'));
  const { cold, warm, residentBytes } = await measure(server);
  console.log(`first answer ${cold.toFixed(0)} ms after the engine listens; later ones ${warm.toFixed(1)} ms (median of 200)`);
  console.log(`resident memory of the engine: ${(residentBytes / 2 ** 20).toFixed(0)} MB`);
  if (!process.argv.includes('--serve')) return server.stop();
  console.log(`listening on ${server.address}; stop with Ctrl+C`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
