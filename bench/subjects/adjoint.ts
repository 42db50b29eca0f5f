// The library as a subject of the bench, with the ceiling of its process. Argument: relaxed or simd128.
import { ceiling, hasRelaxed } from './ceiling';
import { growth, stepsPerSecond, workloads } from './library';
import { serve } from './protocol';

// The package asks the engine once, when the first tensor is made, whether it has relaxed SIMD.
if (process.argv[2] === 'simd128') WebAssembly.validate = () => false;

const { multiplyAdd, copy, bareCalls } = ceiling();

await serve({
  about: { name: 'adjoint', flavour: hasRelaxed() ? 'relaxed' : 'simd128', node: process.versions.node },
  workloads,
  limits: { multiplyAdd, copy, bareCalls },
  metrics: { stepsPerSecond, growth },
});
