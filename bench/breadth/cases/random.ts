// Random numbers.
import { bernoulli, multinomial, nn, rand, randint, randn, randperm } from 'adjoint';
import { SIDE, million, uniform, type Case, type Family } from '../case';

/** A million numbers that depend on no input; the one there is stands for their count. */
const drawn = (name: string, ours: () => unknown, torch: string): Case => ({ name, inputs: () => ({ x: uniform([1]) }), ours, torch, isRandom: true });

export const random: Family = {
  name: 'random',
  title: 'A million random numbers',
  ofTorch: 2,
  cases: [
    drawn('rand', () => rand([SIDE, SIDE]), 'torch.rand(1024, 1024)'),
    drawn('randn', () => randn([SIDE, SIDE]), 'torch.randn(1024, 1024)'),
    drawn('randint', () => randint(0, 100, [SIDE, SIDE]), 'torch.randint(0, 100, (1024, 1024))'),
    drawn('randperm', () => randperm(100_000), 'torch.randperm(100_000)'),
    million('bernoulli', (x) => bernoulli(x), 'torch.bernoulli(x)', { inputs: (n) => ({ x: uniform([SIDE * n, SIDE]) }), of: [], isRandom: true }),
    million('dropout', (x) => nn.functional.dropout(x, 0.5, true), 'F.dropout(x, 0.5, True)', { isRandom: true }),
    million('dropout2d', (x) => nn.functional.dropout2d(x, 0.5, true), 'F.dropout2d(x, 0.5, True)', { inputs: (n) => ({ x: uniform([16 * n, 64, 32, 32]) }), isRandom: true }),
    million('multinomial', (x) => multinomial(x, 100, true), 'torch.multinomial(x, 100, True)', { inputs: (n) => ({ x: uniform([64 * n, 1000]) }), of: [], isRandom: true }),
  ],
};
