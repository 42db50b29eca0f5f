// Matrix products in WebAssembly as a share of the multiply-add peak (of a copy, for matrix times vector) of the same process.
//   sh build.sh $PWD <folder>; node [--experimental-wasm-relaxed-simd] run.mjs <folder>/gemm-relaxed.wasm [another.wasm …] [filter]
// Several binaries are measured in turns, a column each. Each figure is the best of many runs, with the peak measured in the same turns, so that a
// slow spell of the machine hits all. SHORT=1 takes a quarter of the rounds.
import { readFileSync } from 'node:fs'

const paths = process.argv.slice(2).filter((x) => x.endsWith('.wasm'))
const filter = process.argv.slice(2).filter((x) => !x.endsWith('.wasm'))
const wanted = (name) => filter.every((word) => name.includes(word))
const bytes = 64 << 20
const programs = await Promise.all(
  paths.map(async (path) => {
    const w = (await WebAssembly.instantiate(readFileSync(path), {})).instance.exports
    return { w, areas: [w.alloc(bytes), w.alloc(bytes), w.alloc(bytes)] }
  }),
)
const fill = (Type) => {
  for (const { w, areas } of programs) {
    for (const p of areas.slice(0, 2)) {
      const view = new Type(w.memory.buffer, p, bytes / Type.BYTES_PER_ELEMENT)
      for (let i = 0; i < view.length; i++) view[i] = ((i * 7919) % 1000) / 1000 - 0.5
    }
  }
}
const rate = (units, run) => {
  const t = performance.now()
  run()
  return units / ((performance.now() - t) / 1e3)
}
const rounds = process.env.SHORT ? 10 : 40
/** Best rates (units a second) of the ceiling and of one run in each program, taken in turns. */
const contest = (ceiling, units, run) => {
  let best = 0
  const got = programs.map(() => 0)
  for (let i = 0; i < rounds; i++) {
    best = Math.max(best, rate(...ceiling(programs[0])))
    programs.forEach((program, k) => (got[k] = Math.max(got[k], rate(units, () => run(program)))))
  }
  return [best, got]
}
const row = (name, unit, ceiling, units, run) => {
  const [best, got] = contest(ceiling, units, run)
  const shares = got.map((x) => `${(x / 1e9).toFixed(1).padStart(6)} ${((100 * x) / best).toFixed(0).padStart(3)} %`)
  console.log(name.padEnd(30), `${(best / 1e9).toFixed(1).padStart(6)} ${unit} `, shares.join('  '))
}
const peak = (bits) => ({ w }) => {
  const turns = 1e5
  return [turns * 10 * (128 / bits) * 2, () => w[`peak_f${bits}`](turns, 0.5)]
}
const product = (bits, m, n, k, ta = 0, tb = 0) => {
  const reps = Math.max(1, Math.round(1e7 / (m * n * k)))
  return [reps * 2 * m * n * k, ({ w, areas }) => w[`product_f${bits}`](reps, m, n, k, ta, tb, ...areas)]
}

console.log(process.version, ...paths)
fill(Float32Array)
for (let i = 0; i < 30; i++) for (const p of programs) product(32, 64, 64, 64)[1](p), peak(32)(p)[1]()

const cases = []
for (const bits of [32, 64]) {
  for (const n of [16, 32, 64, 128, 256, 512, 1024]) cases.push([`f${bits} ${n}³`, bits, n, n, n])
}
for (const n of [24, 48, 96, 100, 127, 200, 384, 500, 1000]) cases.push([`f32 ${n}³`, 32, n, n, n])
// prettier-ignore
for (const [m, n, k] of [[32, 256, 784], [32, 128, 256], [64, 10, 128], [128, 10, 128], [10, 128, 64], [128, 512, 128], [512, 128, 512], [1024, 64, 64], [8, 512, 512], [2, 512, 512], [3, 512, 512], [2, 128, 256], [784, 256, 64], [256, 784, 64], [512, 512, 8], [256, 256, 3], [32, 16, 2]]) {
  cases.push([`f32 ${m}×${n}×${k}`, 32, m, n, k])
  cases.push([`f32 ${m}×${n}×${k} B transposed`, 32, m, n, k, 0, 1])
  cases.push([`f32 ${m}×${n}×${k} A transposed`, 32, m, n, k, 1, 0])
}
for (const n of [64, 512]) cases.push([`f32 ${n}³ both transposed`, 32, n, n, n, 1, 1])
let filled = 32
for (const [name, bits, ...shape] of cases) {
  if (!wanted(name)) continue
  if (filled !== bits) fill(bits === 32 ? Float32Array : Float64Array)
  filled = bits
  row(name, 'GFLOP/s', peak(bits), ...product(bits, ...shape))
}
fill(Float32Array)
for (const n of [8, 16, 32, 64]) {
  const batch = 64
  const reps = Math.ceil(5e6 / (batch * n ** 3))
  const name = `f32 batched ${batch}×${n}³`
  if (wanted(name)) row(name, 'GFLOP/s', peak(32), reps * batch * 2 * n ** 3, ({ w, areas }) => w.batched_f32(reps, batch, n, ...areas))
}
// Matrix times vector: bytes of the matrix read, against bytes read and written by a copy of the same size.
for (const [n, k] of [[256, 256], [1024, 1024], [2048, 2048], [256, 784], [128, 256], [10, 128], [128, 512]]) {
  const reps = Math.ceil(8e6 / (n * k))
  const copy = ({ w, areas }) => [reps * n * k * 8, () => w.copy(reps, areas[0], areas[2], n * k)]
  for (const [name, ...args] of [
    [`matvec ${n}×${k}`, n, 1, k, 0, 0],
    [`matvec ${n}×${k} A transposed`, n, 1, k, 1, 0],
    [`vecmat ${k}×${n}`, 1, n, k, 0, 0],
    [`vecmat ${k}×${n} B transposed`, 1, n, k, 0, 1],
  ]) {
    if (wanted(name)) row(name, 'GB/s', copy, reps * n * k * 4, ({ w, areas }) => w.product_f32(reps, ...args, ...areas))
  }
}
