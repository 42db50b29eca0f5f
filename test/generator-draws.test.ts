// What PyTorch 2.15 draws after manual_seed(s) on a CPU whose exponential_, bernoulli_ and dropout are those of its own generator, an AMD
// one: each call alone, calls one after another, a state that is kept and given back, and two generators.
import { describe, expect, it } from 'vitest';
import { type DType, Generator, type Tensor, arange, bernoulli, empty, full, getRngState, manualSeed, multinomial, nn, normal, ones, rand, randint, randn, randperm, setRngState, tensor } from 'adjoint';
import fixture from './fixtures/generator-draws.json';

interface Drawn {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly number[];
}

const { init, functional } = nn;
const float64 = { dtype: 'float64' } as const;
const parts = ({ weight, bias }: { weight: Tensor; bias: Tensor | null }): Record<string, Tensor> => ({ weight, bias: bias! });

const CALLS: Readonly<Record<string, () => Tensor | Record<string, Tensor>>> = {
  'rand(1)': () => rand(1),
  'rand(3)': () => rand(3),
  'rand(5)': () => rand(5),
  'rand(20)': () => rand(20),
  'rand(2,3)': () => rand(2, 3),
  'rand(2,float64)': () => rand([2], float64),
  'rand(5,float64)': () => rand([5], float64),
  'rand(20,float64)': () => rand([20], float64),
  ...Object.fromEntries([1, 2, 3, 5, 15, 16, 17, 33].map((n) => [`randn(${n})`, () => randn(n)])),
  'randn(2,3)': () => randn(2, 3),
  ...Object.fromEntries([5, 16, 33].map((n) => [`randn(${n},float64)`, () => randn([n], float64)])),
  'randint(0,10,(3,))': () => randint(0, 10, [3]),
  'randint(0,100,(10,))': () => randint(0, 100, [10]),
  'randint(-5,5,(10,))': () => randint(-5, 5, [10]),
  'randint(0,2**40,(4,))': () => randint(0, 2 ** 40, [4]),
  ...Object.fromEntries([1, 5, 10, 25].map((n) => [`randperm(${n})`, () => randperm(n)])),
  'empty(4).bernoulli_(0.5)': () => empty(4).bernoulli_(0.5),
  'empty(20).bernoulli_(0.3)': () => empty(20).bernoulli_(0.3),
  'bernoulli(full(20,0.3))': () => bernoulli(full([20], 0.3)),
  'bernoulli(full(20,0.3,float64))': () => bernoulli(full([20], 0.3, float64)),
  'empty(6).uniform_(-2,3)': () => empty(6).uniform_(-2, 3),
  'empty(6).normal_(1,0.5)': () => empty(6).normal_(1, 0.5),
  'empty(20).normal_(1,0.5)': () => empty(20).normal_(1, 0.5),
  'empty(6).exponential_(2)': () => empty(6).exponential_(2),
  'normal(arange(4),0.5)': () => normal(arange(4).to('float32'), 0.5),
  'multinomial([.1,.2,.7],8,True)': () => multinomial(tensor([0.1, 0.2, 0.7]), 8, true),
  'nn.Linear(4,3)': () => parts(new nn.Linear(4, 3)),
  'nn.Linear(4,3,float64)': () => parts(new nn.Linear(4, 3, float64)),
  'nn.Conv2d(2,3,2)': () => parts(new nn.Conv2d(2, 3, 2)),
  'nn.Embedding(4,3)': () => new nn.Embedding(4, 3).weight,
  'init.kaiming_uniform_(3,4)': () => init.kaimingUniform_(empty(3, 4)),
  'init.kaiming_normal_(5,4)': () => init.kaimingNormal_(empty(5, 4)),
  'init.xavier_normal_(3,4)': () => init.xavierNormal_(empty(3, 4)),
  'init.xavier_uniform_(3,4)': () => init.xavierUniform_(empty(3, 4)),
  'init.trunc_normal_(6,std=0.5)': () => init.truncNormal_(empty(6), { std: 0.5 }),
  'dropout(ones(20),0.5)': () => functional.dropout(ones(20), 0.5),
  'dropout(ones(20),0.2)': () => functional.dropout(ones(20), 0.2),
  'dropout(ones(20,float64),0.5)': () => functional.dropout(ones([20], float64), 0.5),
};

/** Normal numbers go through logarithm and cosine; all else is exact. */
const isNormal = (call: string): boolean => /normal|randn|Embedding|exponential/.test(call);

function expectDrawn(call: string, got: Tensor, { shape, dtype, data }: Drawn): void {
  expect([got.shape, got.dtype]).toEqual([shape, dtype]);
  const numbers = [...got.detach().flatten().to(dtype === 'int64' ? 'float64' : (dtype as DType)).toTypedArray()].map(Number);
  if (!isNormal(call)) return expect(numbers).toEqual(data);
  const tolerance = dtype === 'float64' ? 1e-12 : 1e-6;
  numbers.forEach((value, i) => { expect(Math.abs(value - data[i]!), `${call} at ${i}`).toBeLessThanOrEqual(tolerance * Math.abs(data[i]!)); });
}

const isDrawn = (value: Drawn | Record<string, Drawn>): value is Drawn => 'data' in value;

function check(call: string, wanted: Drawn | Record<string, Drawn>): void {
  const got = CALLS[call]!();
  if (isDrawn(wanted)) return expectDrawn(call, got as Tensor, wanted);
  for (const [part, value] of Object.entries(wanted)) expectDrawn(call, (got as Record<string, Tensor>)[part]!, value);
}

describe.each(Object.entries(fixture.seeds))('after manualSeed(%s)', (seed, { single, sequence, getSetState, generators }) => {
  it.each(Object.entries(single) as [string, Drawn | Record<string, Drawn>][])('%s', (call, wanted) => {
    manualSeed(Number(seed));
    check(call, wanted);
  });

  it('calls one after another', () => {
    manualSeed(Number(seed));
    for (const { call, value } of sequence) check(call, value);
  });

  it('a state that is given back', () => {
    manualSeed(Number(seed));
    rand(7);
    const state = getRngState();
    rand(3);
    setRngState(state);
    expectDrawn('rand(3)', rand(3), getSetState.value);
  });

  it('two generators', () => {
    const [first, second] = [0, 1].map((i) => new Generator().manualSeed(Number(seed) + i));
    expectDrawn('rand(3)', rand([3], { generator: first! }), generators['g(s).rand(3)']);
    expectDrawn('rand(3)', rand([3], { generator: second! }), generators['g(s+1).rand(3)']);
    expectDrawn('rand(2)', rand([2], { generator: first! }), generators['g(s).rand(2) next']);
  });
});
