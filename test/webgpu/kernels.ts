// Every kernel on a device, against the CPU.
import { GpuFunction } from '../../ts/graph/targets/webgpu/program';
import { openDevice } from '../../ts/graph/targets/webgpu/device';
import { OP_NAMES } from '../../ts/graph/targets/webgpu/plan';
import { cases, type Case } from './cases';
import { gpuOfNode } from './node-gpu';
import type { Tensor } from '../../ts/entry/node';

const words = process.argv.slice(2);

/** How far `got` is from what was expected, relative to its largest element. */
function distance(got: Tensor, expected: Tensor): number {
  if (got.shape.join() !== expected.shape.join() || got.dtype !== expected.dtype) return Infinity;
  if (got.numel() === 0) return 0;
  const [a, b] = [got, expected].map((t) => Array.from(t.to('float64').reshape([-1]).tolist() as number[]));
  const scale = Math.max(1, ...b!.map((v) => (Number.isFinite(v) ? Math.abs(v) : 0)).slice(0, 100_000));
  return a!.reduce((most, v, i) => {
    const w = b![i]!;
    if (Object.is(v, w) || v === w) return most;
    return Number.isFinite(v) && Number.isFinite(w) ? Math.max(most, Math.abs(v - w) / scale) : Infinity;
  }, 0);
}

const device = await openDevice(await gpuOfNode(), false);
console.log(`[webgpu] ${device.description}`);

async function run({ inputs, record, expected, within }: Case): Promise<string | null> {
  const made = await GpuFunction.make({ device, float16: false, lowered: { record, constant: () => null, dispose: () => undefined }, host: [], isSingle: false });
  try {
    const outputs = made.runAll(...inputs);
    for (const [i, output] of outputs.entries()) {
      const off = distance(await output.read(), expected[i]!);
      if (!(off <= within)) return `output ${i} is ${off} off, of ${within}\n   got ${String(await output.read())}\n   expected ${String(expected[i])}`;
    }
    return null;
  } finally {
    made.dispose();
  }
}

let [passed, failed] = [0, 0];
const tried = new Set<string>();
for (const one of cases()) {
  if (words.length > 0 && !words.some((word) => one.title.includes(word))) continue;
  for (const { op } of one.record.calls) tried.add(op);
  let why: string | null;
  try {
    why = await run(one);
  } catch (error) {
    why = (error as Error).stack ?? String(error);
  }
  if (why === null) passed++;
  else {
    failed++;
    console.log(`failed: ${one.title}: ${why.slice(0, 1500)}`);
  }
}
if (words.length === 0) {
  const untried = OP_NAMES.filter((op) => !tried.has(op));
  if (untried.length > 0) {
    failed++;
    console.log(`failed: there are kernels without a case: ${untried.join(', ')}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
