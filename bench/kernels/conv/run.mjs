// Convolutions in WebAssembly against the multiply-add peak of the same process.
//   sh ../gemm/build.sh $PWD <folder>; node [--experimental-wasm-relaxed-simd] run.mjs <folder>/conv-relaxed.wasm [filter]
// Figures count the products of the definition, without those on padding; each is the best of many runs in turns with the peak.
import { readFileSync } from 'node:fs'

const [path, filter = ''] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(path), {})
const w = instance.exports
const bytes = 32 << 20
const areas = [w.alloc(bytes), w.alloc(bytes), w.alloc(bytes)]
for (const p of areas) {
  const view = new Float32Array(w.memory.buffer, p, bytes / 4)
  for (let i = 0; i < view.length; i++) view[i] = ((i * 7919) % 1000) / 1000 - 0.5
}
const time = (run) => {
  const t = performance.now()
  run()
  return performance.now() - t
}

const shapes = [
  // name, batch, channels, filters, groups, size, kernel, stride, padding
  ['lenet 1', 32, 1, 6, 1, 28, 5, 1, 2],
  ['lenet 2', 32, 6, 16, 1, 14, 5, 1, 0],
  ['3x3 64', 1, 64, 64, 1, 16, 3, 1, 1],
  ['3x3 128', 1, 128, 128, 1, 8, 3, 1, 1],
  ['3x3 64 stride 2', 1, 64, 64, 1, 32, 3, 2, 1],
  ['1x1 128', 2, 128, 128, 1, 16, 1, 1, 0],
  ['stem 7x7', 1, 3, 32, 1, 64, 7, 2, 3],
  ['depthwise 3x3', 1, 64, 64, 64, 32, 3, 1, 1],
]
/** Products of the definition that do not fall on padding, along one axis. */
const inside = (size, kernel, stride, padding) => {
  const out = Math.floor((size + 2 * padding - kernel) / stride) + 1
  let count = 0
  for (let i = 0; i < out; i++) {
    for (let p = 0; p < kernel; p++) count += i * stride + p >= padding && i * stride + p < size + padding
  }
  return count
}
for (const [name, ...s] of shapes) {
  if (!name.includes(filter)) continue
  const [batch, channels, filters, groups, size, kernel, stride, padding] = s
  const products = batch * filters * (channels / groups) * inside(size, kernel, stride, padding) ** 2
  const cells = ['output', 'd input', 'd weight'].map((what, i) => {
    const reps = Math.max(1, Math.round(2e6 / products))
    let [best, peak] = [Infinity, 0]
    // Long enough for the engine to have compiled every function of the shape with its optimiser.
    for (const until = performance.now() + 300; performance.now() < until; ) w.conv2d(reps, i, ...s, ...areas), w.peak(2e4, 0.5)
    for (let k = 0; k < 300; k++) {
      best = Math.min(best, time(() => w.conv2d(reps, i, ...s, ...areas)) / reps)
      peak = Math.max(peak, 1.6e6 / time(() => w.peak(2e4, 0.5)))
    }
    const rate = (2 * products) / best
    return `${what} ${(1e3 * best).toFixed(0).padStart(6)} µs ${(rate / 1e6).toFixed(1).padStart(5)} GFLOP/s ${((100 * rate) / peak).toFixed(0).padStart(3)} %`
  })
  console.log(name.padEnd(16), cells.join('   '))
}
