// The blocks of several binaries side by side, in turns: µs for a million numbers (999,984 f32), best of many.
//   node --no-liftoff [--experimental-wasm-relaxed-simd] compare.mjs one.wasm another.wasm … [filter]
import { readFileSync } from 'node:fs'

const paths = process.argv.slice(2).filter((x) => x.endsWith('.wasm'))
const [filter = ''] = process.argv.slice(2).filter((x) => !x.endsWith('.wasm'))
const len = 999_984
const programs = paths.map((path) => {
  const w = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports
  const [x, y, z, out] = Array.from({ length: 4 }, () => w.alloc(8 << 20))
  for (const [p, low] of [[x, -5], [y, 0.01], [z, -5]]) {
    const view = new Float32Array(w.memory.buffer, p, 1 << 20)
    for (let i = 0; i < view.length; i++) view[i] = ((i * 7919) % 10007) / 1000.7 + low
  }
  return { w, x, y, z, out }
})
const cases = [
  ...Object.keys(programs[0].w).filter((n) => n.endsWith('_blocks') && !n.startsWith('lgamma')).map((n) => [n, ({ w, x, y, z, out }) => w[n](x, y, z, out, len)]),
  ['add of 8 numbers × 1e4, contiguous', ({ w, x, y, out }) => w.small(1e4, x, y, out, 1)],
  ['add of 8 numbers × 1e4, broadcast', ({ w, x, y, out }) => w.small(1e4, x, y, out, 0)],
  ['add a row to 1000 × 1000', ({ w, x, y, out }) => w.strided(x, y, out, 1000, 1000, 0, 1)],
  ['add a column to 1000 × 1000', ({ w, x, y, out }) => w.strided(x, y, out, 1000, 1000, 1, 0)],
  ['add a transpose, 1000 × 1000', ({ w, x, y, out }) => w.strided(x, y, out, 1000, 1000, 1, 1000)],
  ['add a row to 100000 × 10', ({ w, x, y, out }) => w.strided(x, y, out, 100000, 10, 0, 1)],
  ['add a column to 100000 × 10', ({ w, x, y, out }) => w.strided(x, y, out, 100000, 10, 1, 0)],
  ['add a scalar to 1e6', ({ w, x, y, out }) => w.strided(x, y, out, 1, 1e6, 0, 0)],
  ['transpose 1000 × 1000', ({ w, x, out }) => w.copied(x, out, 1000, 1000, 1, 0)],
  ['cast 1e6 to float64', ({ w, x, out }) => w.copied(x, out, 1, 1e6, 0, 1)],
  ['cast 1e6 to int64', ({ w, x, out }) => w.copied(x, out, 1, 1e6, 0, 3)],
  ['cast 1e6 to bool', ({ w, x, out }) => w.copied(x, out, 1, 1e6, 0, 7)],
  ['cast 1e6 to float16', ({ w, x, out }) => w.copied(x, out, 1, 1e6, 0, 8)],
]
const time = (run) => {
  const t = performance.now()
  run()
  return (performance.now() - t) * 1e3
}
console.log(process.version, ...paths)
for (const [name, run] of cases) {
  if (!name.includes(filter)) continue
  const best = programs.map(() => Infinity)
  let copy = Infinity
  for (let i = 0; i < 50; i++) {
    const { w, x, out } = programs[0]
    copy = Math.min(copy, time(() => w.copy(x, out, len)))
    // In either order by turns: who comes after the copy finds the operands in cache.
    const order = programs.map((p, k) => [p, k])
    for (const [p, k] of i % 2 ? order.reverse() : order) best[k] = Math.min(best[k], time(() => run(p)))
  }
  console.log(name.padEnd(38), `copy ${copy.toFixed(0).padStart(5)}`, best.map((x) => x.toFixed(0).padStart(7)).join(' '))
}
