// Modules whose parts were taken away or replaced, as programs do in PyTorch: a typed error that names the part, and no TypeError.
import { describe, expect, it } from 'vitest';
import { AdjointError, ShapeError, UsageError, nn, ones, optim, tensor, type Tensor } from 'adjoint';

type Any = any;
const { parametrize } = nn.utils;
const { PackedSequence, invertPermutation, padPackedSequence } = nn.utils.rnn;
const int64 = (...values: number[]): Tensor => tensor(values.map(BigInt));
const sequence = (): Tensor => ones([2, 1, 4]);
const image = (): Tensor => ones([1, 1, 3, 3]);

/** Each with what it is called with. */
const MODULES: Readonly<Record<string, [make: () => Any, inputs: () => Any[]]>> = {
  Linear: [() => new nn.Linear(2, 3), () => [ones([1, 2])]],
  Bilinear: [() => new nn.Bilinear(2, 2, 3), () => [ones([1, 2]), ones([1, 2])]],
  Conv1d: [() => new nn.Conv1d(1, 1, 1), () => [ones([1, 1, 3])]],
  Conv2d: [() => new nn.Conv2d(1, 1, 1), () => [image()]],
  ConvTranspose2d: [() => new nn.ConvTranspose2d(1, 1, 1), () => [image()]],
  BatchNorm1d: [() => new nn.BatchNorm1d(2), () => [ones([3, 2])]],
  InstanceNorm1d: [() => new nn.InstanceNorm1d(2, { affine: true, trackRunningStats: true }), () => [ones([1, 2, 3])]],
  LayerNorm: [() => new nn.LayerNorm([2]), () => [ones([3, 2])]],
  GroupNorm: [() => new nn.GroupNorm(1, 2), () => [ones([3, 2])]],
  RMSNorm: [() => new nn.RMSNorm([2]), () => [ones([3, 2])]],
  Embedding: [() => new nn.Embedding(3, 2), () => [int64(0, 1)]],
  PReLU: [() => new nn.PReLU(), () => [ones([2])]],
  LSTM: [() => new nn.LSTM(2, 3), () => [ones([1, 1, 2])]],
  GRU: [() => new nn.GRU(2, 3), () => [ones([1, 1, 2])]],
  RNN: [() => new nn.RNN(2, 3), () => [ones([1, 1, 2])]],
  LSTMCell: [() => new nn.LSTMCell(2, 3), () => [ones([1, 2])]],
  MultiheadAttention: [() => new nn.MultiheadAttention(4, 2), () => [sequence(), sequence(), sequence()]],
  'MultiheadAttention of other sizes': [() => new nn.MultiheadAttention(4, 2, { kdim: 3, vdim: 3, addBiasKv: true }), () => [sequence(), ones([2, 1, 3]), ones([2, 1, 3])]],
  TransformerEncoderLayer: [() => new nn.TransformerEncoderLayer(4, 2, 4), () => [sequence()]],
  TransformerDecoderLayer: [() => new nn.TransformerDecoderLayer(4, 2, 4), () => [sequence(), sequence()]],
  TransformerEncoder: [() => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, 4), 1, new nn.LayerNorm([4])), () => [sequence()]],
  TransformerDecoder: [() => new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2, 4), 1), () => [sequence(), sequence()]],
  Transformer: [() => new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 4 }), () => [sequence(), sequence()]],
  AdaptiveLogSoftmaxWithLoss: [() => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3]), () => [ones([2, 4]), int64(1, 9)]],
  LinearCrossEntropyLoss: [() => new nn.LinearCrossEntropyLoss(4, 10), () => [ones([2, 4]), int64(1, 9)]],
  Sequential: [() => new nn.Sequential(new nn.ReLU()), () => [ones([2])]],
};

class NoTensor extends nn.Module {
  override forward(): Any {
    return 5;
  }
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The module that holds a part, and the property it is under. */
function holder(module: Any, path: string): [Any, string] {
  const names = path.split('.');
  const last = names.pop()!;
  const owner = names.reduce<Any>((held, name) => held[camel(name)] ?? held[name], module);
  return [owner, camel(last) in owner ? camel(last) : last];
}

/** What is thrown that is no error of the package, or null. */
function untyped(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof AdjointError ? null : error;
  }
  return null;
}

const CHANGES: Readonly<Record<string, (owner: Any, name: string) => void>> = {
  null: (owner, name) => { owner[name] = null; },
  deleted: (owner, name) => { Reflect.deleteProperty(owner, name); },
  'another module': (owner, name) => { if (owner[name] instanceof nn.Module) owner[name] = new NoTensor(); },
};

describe.each(Object.entries(MODULES))('%s', (_, [make, inputs]) => {
  const whole = make();
  const paths = [...whole.namedModules(), ...whole.namedParameters(), ...whole.namedBuffers()].map(([path]: [string]) => path).filter((path: string) => path !== '');

  it.each(Object.entries(CHANGES))('with each part %s ends in a typed error, if in any', (_change, change) => {
    const found = paths.map((path: string) => {
      const module = make();
      change(...holder(module, path));
      return [path, untyped(() => module.call(...inputs())), untyped(() => module.resetParameters?.()), untyped(() => String(module))];
    });
    expect(found).toEqual(paths.map((path: string) => [path, null, null, null]));
  });

  it('works with every part in its place', () => {
    expect(untyped(() => make().call(...inputs()))).toBe(null);
    expect(() => make().call(...inputs())).not.toThrow();
  });
});

it('says which part is missing and what to do', () => {
  const layer = new nn.TransformerEncoderLayer(4, 2, 4) as Any;
  layer.linear1 = null;
  expect(() => layer.call(sequence())).toThrow(/^TransformerEncoderLayer: linear1 is null, and a module is called there; assign one, for nothing to be done an nn\.Identity$/);
  const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, 4), 1) as Any;
  encoder.layers.append(null);
  expect(() => encoder.call(sequence())).toThrow(/^TransformerEncoder: layers\.1 is null, and a module is called there; put an nn\.Identity there, or take it out$/);
  encoder.layers[1] = new nn.Identity();
  layer.linear1 = new nn.Linear(4, 4);
  expect(layer.call(sequence()).shape).toEqual([2, 1, 4]);
  layer.activation = 5;
  expect(() => layer.call(sequence())).toThrow(/activation is the number 5, and a module or a function is called there/);
});

describe('ParametrizationList', () => {
  const { ParametrizationList } = parametrize as Any;
  const identity = (): Any => new nn.Identity();
  const withInverse = (rightInverse: unknown): Any => Object.assign(identity(), { rightInverse });

  it('has no null among its modules', () => {
    expect(() => new ParametrizationList([null], ones([2]))).toThrow(/ParametrizationList: 0 is null, and a module is called there/);
    for (const add of [(list: Any) => list.append(null), (list: Any) => list.extend([null]), (list: Any) => list.insert(0, null)]) {
      const list = new ParametrizationList([identity()], ones([2]));
      add(list);
      expect(() => list.call()).toThrow(UsageError);
      expect(() => list.assign(ones([2]))).toThrow(UsageError);
    }
  });

  it.each([5, [5], null, [], undefined, [null]])('refuses a right inverse that gives %s', (given) => {
    expect(() => new ParametrizationList([withInverse(() => given)], ones([2]))).toThrow(/Identity: rightInverse must return a tensor or a list of tensors/);
  });

  it('refuses a right inverse that is no function', () => {
    expect(() => new ParametrizationList([withInverse(5)], ones([2]))).toThrow(/rightInverse must be a function, got the number 5/);
  });
});

describe('PackedSequence', () => {
  it.each([[0, 5e6, 1], [0, 2 ** 31, 1], [-1, 0, 1], [0, 1, 3], [1, 1, 0]])('takes no sorted indices %i, %i, %i', (...indices) => {
    const say = /expected each of 0 … 2 once/;
    expect(() => new PackedSequence(ones([3]), int64(3), int64(...indices))).toThrow(say);
    expect(() => invertPermutation(int64(...indices))).toThrow(say);
  });

  it.each([NaN, Infinity, 0.5, 1e300])('takes no sorted index %f', (index) => {
    expect(() => new PackedSequence(ones([3]), int64(3), tensor([0, index, 1]))).toThrow(/expected each of 0 … 2 once/);
    expect(() => invertPermutation(tensor([0, index, 1]))).toThrow(/expected each of 0 … 2 once/);
  });

  it.each([[[3e6]], [[2 ** 40]], [[-3]], [[1, 2]], [[2]], [[NaN]], [[1.5, 1.5]], [[Infinity]]])('with sizes %j is refused before anything is made of them', (sizes) => {
    const packed = new PackedSequence(ones([3, 2]), tensor(sizes, { dtype: 'float64' }));
    expect(() => padPackedSequence(packed)).toThrow(ShapeError);
    expect(() => new nn.LSTM(2, 3).call(packed)).toThrow(AdjointError);
    expect(() => new nn.GRU(2, 3).call(packed)).toThrow(AdjointError);
  });
});

describe('time grows with the number of parts, not with its square', () => {
  const cost = (make: (count: number) => unknown, count: number): number => {
    const from = process.cpuUsage();
    make(count);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  };

  // With squares the first took over a minute and the second some 20 s.
  it('for stacks of recurrent layers', () => {
    expect(cost((count) => new nn.LSTM(1, 1, count), 4000)).toBeLessThan(15_000);
  }, 120_000);

  it('for copies of a layer', () => {
    expect(cost((count) => new nn.TransformerEncoder(new nn.Softsign(), count), 65_536)).toBeLessThan(15_000);
  }, 120_000);
});

it('averages and updates models with null in them', () => {
  expect(() => new optim.swaUtils.AveragedModel(new nn.Sequential(null as Any))).not.toThrow();
});
