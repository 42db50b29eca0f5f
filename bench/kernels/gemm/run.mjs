// Matrix products in WebAssembly against the peak of the same process.
//   sh build.sh $PWD <folder>; node [--experimental-wasm-relaxed-simd] run.mjs <folder>/gemm-relaxed.wasm [filter]
// Each figure is the best of many runs, and the peak is measured again around each, so that a slow spell of the machine hits both.
import { readFileSync } from 'node:fs'

const [path, filter = ''] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(path), {})
const w = instance.exports
const bytes = 64 << 20
const [a, b, c] = [w.alloc(bytes), w.alloc(bytes), w.alloc(bytes)]
const fill = (Type, p) => {
  const view = new Type(w.memory.buffer, p, bytes / Type.BYTES_PER_ELEMENT)
  for (let i = 0; i < view.length; i++) view[i] = ((i * 7919) % 1000) / 1000 - 0.5
}
const time = (run) => {
  const t = performance.now()
  run()
  return (performance.now() - t) / 1e3
}
/** Best rates (units a second) of two runs taken in turns. */
const duel = (first, second, rounds = 40) => {
  let [x, y] = [0, 0]
  for (let i = 0; i < rounds; i++) {
    x = Math.max(x, first.units / time(first.run))
    y = Math.max(y, second.units / time(second.run))
  }
  return [x, y]
}
const row = (name, got, best, unit) => {
  console.log(`${name.padEnd(28)} ${got.toFixed(1).padStart(7)} of ${best.toFixed(1).padStart(6)} ${unit}  ${((100 * got) / best).toFixed(0)} %`)
}

const peak = (bits) => {
  const turns = 1e5
  const lanes = 128 / bits
  return { units: turns * 10 * lanes * 2, run: () => w[`peak_f${bits}`](turns, 0.5) }
}
const product = (bits, m, n, k, ta = 0, tb = 0) => {
  const reps = Math.max(1, Math.round(1e7 / (m * n * k)))
  return { units: reps * 2 * m * n * k, run: () => w[`product_f${bits}`](reps, m, n, k, ta, tb, a, b, c) }
}
for (let i = 0; i < 30; i++) product(32, 64, 64, 64).run(), peak(32).run()

const cases = []
for (const bits of [32, 64]) {
  for (const n of [16, 32, 64, 128, 256, 512, 1024]) cases.push([`f${bits} ${n}³`, bits, n, n, n])
}
for (const n of [24, 48, 96, 100, 127, 200, 384]) cases.push([`f32 ${n}³`, 32, n, n, n])
for (const [m, n, k] of [[32, 256, 784], [32, 128, 256], [32, 10, 128], [128, 512, 128], [1024, 64, 64], [8, 512, 512], [2, 512, 512], [784, 256, 32]]) {
  cases.push([`f32 ${m}×${n}×${k}`, 32, m, n, k])
  cases.push([`f32 ${m}×${n}×${k} B transposed`, 32, m, n, k, 0, 1])
  cases.push([`f32 ${m}×${n}×${k} A transposed`, 32, m, n, k, 1, 0])
}
for (const n of [64, 512]) cases.push([`f32 ${n}³ both transposed`, 32, n, n, n, 1, 1])
let filled = 0
for (const [name, bits, ...shape] of cases) {
  if (!name.includes(filter)) continue
  if (filled !== bits) (filled = bits), fill(bits === 32 ? Float32Array : Float64Array, a), fill(bits === 32 ? Float32Array : Float64Array, b)
  const [got, best] = duel(product(bits, ...shape), peak(bits))
  row(name, got / 1e9, best / 1e9, 'GFLOP/s')
}
fill(Float32Array, a), fill(Float32Array, b)
for (const n of [8, 16, 32, 64]) {
  const batch = 64
  const reps = Math.ceil(5e6 / (batch * n ** 3))
  if (!`batched ${n}³`.includes(filter)) continue
  const [got, best] = duel({ units: reps * batch * 2 * n ** 3, run: () => w.batched_f32(reps, batch, n, a, b, c) }, peak(32))
  row(`batched ${n}³`, got / 1e9, best / 1e9, 'GFLOP/s')
}
// Matrix times vector: bytes of the matrix read, against bytes read and written by a copy of the same size.
for (const n of [256, 1024, 2048]) {
  const reps = Math.ceil(8e6 / (n * n))
  const copy = { units: reps * n * n * 8, run: () => w.copy(reps, a, c, n * n) }
  for (const [name, ...args] of [
    [`matvec ${n}`, n, 1, n, 0, 0],
    [`matvec ${n} A transposed`, n, 1, n, 1, 0],
    [`vecmat ${n}`, 1, n, n, 0, 0],
    [`vecmat ${n} B transposed`, 1, n, n, 0, 1],
  ]) {
    if (!name.includes(filter)) continue
    const [got, best] = duel({ units: reps * n * n * 4, run: () => w.product_f32(reps, ...args, a, b, c) }, copy)
    row(name, got / 1e9, best / 1e9, 'GB/s')
  }
}
