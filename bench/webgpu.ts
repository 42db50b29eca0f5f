// Products and steps of training on the device of the host, beside the CPU.
//
//   npm run bench -- webgpu
//
// In Node the device is that of the npm package `webgpu`, which `npm run test:webgpu` installs. Times are those of many runs in one
// submission and one wait.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { capture, noGrad, nn, optim, randint, randn, type GpuFunction, type Tensor } from 'adjoint';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function gpuOfHost(): Promise<object> {
  const folder = process.env.ADJOINT_WEBGPU ?? join(root, '.tools', 'webgpu', 'node_modules', 'webgpu');
  if (!existsSync(folder)) throw new Error('the package webgpu is missing: run npm run test:webgpu once, or name its folder in ADJOINT_WEBGPU');
  const dawn = (await import(pathToFileURL(join(folder, 'index.js')).href)) as { create(flags: string[]): object; globals: object };
  Object.assign(globalThis, dawn.globals);
  return dawn.create([]);
}

/** Milliseconds of one of `count` runs on the device; the best of three rounds. */
async function onDevice(program: GpuFunction, inputs: Tensor[], count: number): Promise<number> {
  const batch = Array.from({ length: count }, () => inputs);
  await program.runMany(batch)[0]!.read();
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    await program.runMany(batch)[0]!.read();
    best = Math.min(best, (performance.now() - start) / count);
  }
  return best;
}

function onCpu(run: () => Tensor, count: number): number {
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    for (let i = 0; i < count; i++) run().dispose();
    best = Math.min(best, (performance.now() - start) / count);
  }
  return best;
}

/** Prints GFLOP/s of products and steps a second. */
export async function webgpuReport(): Promise<void> {
  const gpu = await gpuOfHost();
  for (const n of [128, 512, 1024]) {
    const [x, y] = [randn([n, n]), randn([n, n])];
    const program = noGrad(() => capture((a, b) => a.matmul(b), x, y));
    const device = await program.to('webgpu', { gpu });
    if (n === 128) console.log(`device: ${device.device}`);
    const rate = (milliseconds: number): string => ((2 * n ** 3) / milliseconds / 1e6).toFixed(1);
    console.log(`product of ${n}: ${rate(await onDevice(device, [x, y], n < 512 ? 20 : 3))} GFLOP/s on the device, ${rate(onCpu(() => x.matmul(y), 5))} on the CPU`);
    device.dispose();
  }
  const model = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 128), new nn.ReLU(), new nn.Linear(128, 10));
  const adam = new optim.Adam(model.parameters(), { lr: 1e-3 });
  const step = (x: Tensor, y: Tensor): Tensor => {
    adam.zeroGrad();
    const loss = nn.functional.crossEntropy(model.call(x), y);
    loss.backward();
    adam.step();
    return loss;
  };
  const [x, y] = [randn([64, 784]), randint(0, 10, [64])];
  step(x, y);
  const program = capture(step, x, y);
  const device = await program.to('webgpu', { gpu });
  const [there, here] = [await onDevice(device, [x, y], 20), onCpu(() => program.run(x, y), 20)];
  console.log(`steps of a 784-256-128-10 network with Adam, 64 rows: ${(1000 / there).toFixed(0)} a second on the device, ${(1000 / here).toFixed(0)} on the CPU`);
  device.dispose();
}
