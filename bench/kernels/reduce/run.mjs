// Reductions and softmax of a million f32 in WebAssembly, beside a copy of the same size: µs, best of many, taken in turns; a column a binary.
//   sh ../gemm/build.sh $PWD <folder>; node --no-liftoff [--experimental-wasm-relaxed-simd] run.mjs <folder>/reduce-relaxed.wasm [another.wasm …] [filter]
import { readFileSync } from 'node:fs'

const paths = process.argv.slice(2).filter((x) => x.endsWith('.wasm'))
const [filter = ''] = process.argv.slice(2).filter((x) => !x.endsWith('.wasm'))
const programs = paths.map((path) => {
  const w = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path))).exports
  const [x, out] = [w.alloc(4 << 20), w.alloc(8 << 20)]
  new Float32Array(w.memory.buffer, x, 1 << 20).forEach((_, i, all) => (all[i] = ((i * 7919) % 1000) / 100 - 5))
  return { w, x, out }
})
const time = (run) => {
  const t = performance.now()
  run()
  return (performance.now() - t) * 1e3
}
const shapes = [[1, 1e6, 1], [1000, 1000, 1], [100000, 10, 1], [1, 1000, 1000], [100, 100, 100], [1, 250000, 4]]
const names = ['sum', 'amax', 'argmax', 'max_with_index', 'logsumexp', 'var', 'cumsum', 'softmax', 'log_softmax', 'softmax_backward', 'log_softmax_backward']
console.log(process.version, ...paths)
for (const name of names.filter((n) => n.includes(filter) && programs[0].w[n])) {
  for (const shape of shapes) {
    const best = programs.map(() => Infinity)
    let copy = Infinity
    for (let i = 0; i < 30; i++) {
      copy = Math.min(copy, time(() => programs[0].w.copy(programs[0].x, programs[0].out, 1e6)))
      // In either order by turns: who comes after the copy finds the operands in cache.
      const order = [...programs.entries()]
      for (const [k, { w, x, out }] of i % 2 ? order.reverse() : order) best[k] = Math.min(best[k], time(() => w[name](...shape, x, out)))
    }
    console.log(`${name} [${shape}]`.padEnd(40), `copy ${copy.toFixed(0).padStart(4)}`, best.map((x) => x.toFixed(0).padStart(7)).join(' '))
  }
}
