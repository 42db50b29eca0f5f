// 7. Numerical stability: products of many factors vanish or explode, and how layers are
// initialised decides which.
import { eye, logsumexp, manualSeed, nn, randn, tensor, viz, type Tensor } from 'adjoint';
import { show, type Result } from './show';

const WIDTH = 64;

/** The size of the gradient at each of `depth` layers, the first one first. */
function gradientSizes(depth: number, activation: (x: Tensor) => Tensor, initialise: (weight: Tensor) => unknown): number[] {
  manualSeed(7);
  const layers = Array.from({ length: depth }, () => new nn.Linear(WIDTH, WIDTH, { bias: false }));
  for (const layer of layers) initialise(layer.weight);
  let x = randn([16, WIDTH]);
  for (const layer of layers) x = activation(layer(x));
  x.square().mean().backward();
  return layers.map(({ weight }) => weight.grad!.norm().item());
}

/** The greatest element of a product of 1, 2 … `count` random matrices. */
function productSizes(count: number): number[] {
  manualSeed(70);
  let product = eye(4);
  return Array.from({ length: count }, () => {
    product = product.matmul(randn([4, 4]));
    return product.abs().max().item();
  });
}

export function run(depth = 20) {
  // exp(1000) is infinite in every float, though the logarithm of the sum is only about 1001: take
  // the greatest out first.
  const scores = tensor([1000, 1000.5]);
  const naive = scores.exp().sum().log().item();
  return {
    products: productSizes(depth),
    sigmoid: gradientSizes(depth, (x) => x.sigmoid(), nn.init.xavierUniform_),
    large: gradientSizes(depth, (x) => x.relu(), (weight) => nn.init.normal_(weight, 0, 0.4)),
    tanh: gradientSizes(depth, (x) => x.tanh(), nn.init.xavierUniform_),
    relu: gradientSizes(depth, (x) => x.relu(), (weight) => nn.init.kaimingNormal_(weight, { nonlinearity: 'relu' })),
    naiveIsFinite: [Number(Number.isFinite(naive))],
    logsumexp: [logsumexp(scores, 0).item()],
  } satisfies Result;
}

export const pictures = ({ products, sigmoid, large, tanh, relu }: ReturnType<typeof run>) => ({
  gradients: viz.lineChart(
    [
      { label: 'sigmoid', y: sigmoid.map(Math.log10) },
      { label: 'too large', y: large.map(Math.log10) },
      { label: 'tanh, Xavier', y: tanh.map(Math.log10) },
      { label: 'ReLU, He', y: relu.map(Math.log10) },
    ],
    { title: 'Gradients of deep networks before any training', xLabel: 'layer', yLabel: 'log10 of the norm' },
  ),
  products: viz.lineChart([{ label: 'greatest element', y: products.map(Math.log10) }], {
    title: 'A product of random matrices',
    xLabel: 'factors',
    yLabel: 'log10 of the greatest element',
  }),
});

show(import.meta.url, run, pictures);
