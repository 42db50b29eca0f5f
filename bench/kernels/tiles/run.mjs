// The inner loop of products alone, on packed panels in cache, as a share of the multiply-add peak of the same process: best and median.
//   sh ../gemm/build.sh $PWD <folder>; node --no-liftoff [--experimental-wasm-relaxed-simd] run.mjs <folder>/tiles-relaxed.wasm [rounds]
// A name is t_<rows>_<vectors>_<steps of k a turn>_<1 where pointers step before the loads>.
import { readFileSync } from 'node:fs'

const [path, rounds = '30'] = process.argv.slice(2)
const w = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports
const [a, b, c] = [w.alloc(1 << 22), w.alloc(1 << 20), w.alloc(1 << 20)]
new Float32Array(w.memory.buffer, a, 1 << 20).fill(0.3)
new Float32Array(w.memory.buffer, b, 1 << 18).fill(0.2)
const names = Object.keys(w).filter((name) => name.startsWith('t_'))
const lengths = [64, 256]
const time = (run) => {
  const t = performance.now()
  run()
  return performance.now() - t
}
const rate = (name, k) => {
  const [, rows, vectors] = name.split('_').map(Number)
  const panels = Math.round(64 / rows)
  const flops = 2 * panels * rows * vectors * 4 * k
  const reps = Math.ceil(3e6 / flops)
  return (reps * flops) / time(() => w[name](reps, panels, k, a, b, c)) / 1e6
}
for (let i = 0; i < 300; i++) {
  for (const name of names) rate(name, 64)
  w.peak(1e4, 0.5)
}
const peaks = []
const rates = new Map(names.flatMap((name) => lengths.map((k) => [`${name} ${k}`, []])))
for (let i = 0; i < Number(rounds); i++) {
  peaks.push((4e4 * 80) / time(() => w.peak(4e4, 0.5)) / 1e6)
  for (const name of names) for (const k of lengths) rates.get(`${name} ${k}`).push(rate(name, k))
}
const peak = Math.max(...peaks)
const share = (x) => `${((100 * x) / peak).toFixed(0).padStart(4)} %`
console.log(process.version, path, 'peak', peak.toFixed(1), 'GFLOP/s')
for (const name of names) {
  const cells = lengths.map((k) => {
    const list = rates.get(`${name} ${k}`).sort((x, y) => x - y)
    return `k ${k} ${share(list.at(-1))} (${share(list[list.length >> 1])})`
  })
  console.log(name.padEnd(10), cells.join('   '))
}
