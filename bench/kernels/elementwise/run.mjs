// Elementwise kernels on a million f32 in WebAssembly: formulas with 1 to 4 vectors a turn, as blocks through the runner, and by hand. µs, best of
// runs taken in turns, so that a slow spell of the machine hits all. Without --no-liftoff a busy machine may measure the engine's baseline compiler.
//   sh ../gemm/build.sh $PWD <folder>; node --no-liftoff [--experimental-wasm-relaxed-simd] run.mjs <folder>/elementwise-relaxed.wasm [filter]
import { readFileSync } from 'node:fs'

const [path, filter = ''] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(path), {})
const w = instance.exports
const len = 999_984 // a multiple of 4·1, 4·2, 4·3 and 4·4
const [x, y, z, out, doubles] = Array.from({ length: 5 }, () => w.alloc(8 << 20))
// x in -5 … 5, y in 0 … 10, z in -5 … 5, in no order.
for (const [p, low] of [[x, -5], [y, 0.01], [z, -5]]) {
  const view = new Float32Array(w.memory.buffer, p, 1 << 20)
  for (let i = 0; i < view.length; i++) view[i] = ((i * 7919) % 10007) / 1000.7 + low
}
new Float64Array(w.memory.buffer, doubles, 1 << 20).set(new Float32Array(w.memory.buffer, x, 1 << 20))
const time = (run) => {
  const t = performance.now()
  run()
  return (performance.now() - t) * 1e3
}
/** Best times of several runs, in turns. */
const race = (runs, rounds = 61) => {
  const times = runs.map(() => [])
  for (let i = 0; i < rounds; i++) runs.forEach((run, k) => times[k].push(time(run)))
  return times.map((all) => Math.min(...all))
}
const cell = (v) => (v === undefined ? '' : v.toFixed(0)).padStart(8)

console.log(`${process.version}  ${path}`)
console.log(['kernel'.padEnd(16), ...['copy', 'by hand', '1 vector', '2', '3', '4', 'runner'].map((s) => s.padStart(8))].join(' '))
for (const name of Object.keys(w).filter((n) => n.endsWith('_blocks')).map((n) => n.slice(0, -7))) {
  if (!name.includes(filter)) continue
  const kinds = ['hand', '1', '2', '3', '4', 'blocks'].map((k) => w[`${name}_${k}`])
  const runs = [() => w.copy(x, out, len), ...kinds.filter(Boolean).map((f) => () => f(x, y, z, out, len))]
  race(runs, 15)
  const [copy, ...rest] = race(runs)
  console.log([name.padEnd(16), cell(copy), ...kinds.map((f) => cell(f && rest.shift()))].join(' '))
}

const other = {
  'add of 8 numbers, contiguous (ns)': [() => w.small(1e5, x, y, out, 1), 1e-2],
  'add of 8 numbers, second broadcast (ns)': [() => w.small(1e5, x, y, out, 0), 1e-2],
  'add a row to 1000 × 1000': [() => w.strided(x, y, out, 1000, 1000, 0, 1)],
  'add a column to 1000 × 1000': [() => w.strided(x, y, out, 1000, 1000, 1, 0)],
  'add a transpose, 1000 × 1000': [() => w.strided(x, y, out, 1000, 1000, 1, 1000)],
  'add a row to 100000 × 10': [() => w.strided(x, y, out, 100000, 10, 0, 1)],
  'add a scalar to 1e6': [() => w.strided(x, y, out, 1, 1e6, 0, 0)],
  'transpose 1000 × 1000': [() => w.copied(x, out, 1000, 1000, 1, 0)],
  ...Object.fromEntries(
    ['float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float16', 'bfloat16'].flatMap((name, i) => [
      [`cast 1e6 to ${name}`, [() => w.cast(x, 0, out, i + 1, 1e6)]],
      [`cast 1e6 from ${name}`, [() => w.cast(x, i + 1, out, 0, 1e6)]],
    ]),
  ),
  'cast 1e6 float64 to int64': [() => w.cast(doubles, 1, out, 2, 1e6)],
  'cast 1e6 uint8 to float16': [() => w.cast(x, 6, out, 8, 1e6)],
}
for (const [name, [run, scale = 1]] of Object.entries(other)) {
  if (!name.includes(filter)) continue
  race([run], 10)
  console.log(name.padEnd(44), (race([run])[0] * scale).toFixed(1).padStart(8))
}
