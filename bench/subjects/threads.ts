// What bench/threads.ts measures, in a process with as many threads as the first argument says; 0 is the binary without threads.
import { nn, noGrad, rand, randn, scope, setNumThreads, type Tensor } from 'adjoint';
import { trainings } from './models';
import { serve, type Call } from './protocol';

const threads = Number(process.argv[2]);
if (threads > 0) {
  // The binary with threads also where one is wanted.
  await setNumThreads(2);
  if (threads !== 2) await setNumThreads(threads);
}

const square = (n: number): (() => Call) => () => {
  const [a, b] = [rand([n, n]), rand([n, n])];
  return () => { scope(() => { a.matmul(b); }); };
};

const million = (fn: (x: Tensor) => unknown): (() => Call) => () => {
  const x = randn([1024, 1024]);
  return () => { scope(() => { fn(x); }); };
};

await serve({
  about: { threads },
  workloads: {
    ...Object.fromEntries([32, 48, 64, 96, 128, 256, 512].map((n) => [`product.${n}`, square(n)])),
    'add.million': million((x) => x.add(x)),
    'gelu.million': million((x) => nn.functional.gelu(x)),
    'softmax.million': million((x) => x.softmax(1)),
    'conv.64': () => {
      const [conv, x] = [new nn.Conv2d(64, 64, 3, { padding: 1 }), rand([8, 64, 32, 32])];
      return () => { scope(() => { noGrad(() => { conv.call(x); }); }); };
    },
    'conv.64.step': () => {
      const [conv, x] = [new nn.Conv2d(64, 64, 3, { padding: 1 }), rand([8, 64, 32, 32]).requiresGrad_()];
      return () => { scope(() => { conv.call(x).sum().backward(); }); };
    },
    ...trainings,
  },
});
