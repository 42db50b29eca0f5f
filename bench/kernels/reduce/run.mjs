// Reductions and softmax of a million f32 in WebAssembly, beside a copy of the same size. Best of many, taken in turns.
//   sh ../gemm/build.sh $PWD <folder>; node [--experimental-wasm-relaxed-simd] run.mjs <folder>/reduce-relaxed.wasm [filter]
import { readFileSync } from 'node:fs'

const [path, filter = ''] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(path), {})
const w = instance.exports
const [x, out] = [w.alloc(4 << 20), w.alloc(8 << 20)]
new Float32Array(w.memory.buffer, x, 1 << 20).forEach((_, i, all) => (all[i] = ((i * 7919) % 1000) / 100 - 5))
const time = (run) => {
  const t = performance.now()
  run()
  return (performance.now() - t) * 1e3
}
const shapes = [[1, 1e6, 1], [1000, 1000, 1], [100000, 10, 1], [1, 1000, 1000], [100, 100, 100], [1, 250000, 4]]
const names = ['sum', 'amax', 'argmax', 'logsumexp', 'var', 'cumsum', 'softmax', 'log_softmax', 'softmax_backward']
for (const name of names.filter((n) => n.includes(filter))) {
  for (const shape of shapes) {
    let [best, copy] = [Infinity, Infinity]
    for (let i = 0; i < 60; i++) {
      best = Math.min(best, time(() => w[name](...shape, x, out)))
      copy = Math.min(copy, time(() => w.copy(x, out, 1e6)))
    }
    console.log(`${name.padEnd(18)} [${shape}]`.padEnd(40), `${best.toFixed(0).padStart(6)} µs   copy ${copy.toFixed(0)} µs`)
  }
}
