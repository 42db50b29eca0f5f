// Devices by all names of the CPU, and casts of tensors and modules in every form of to().
import { describe, expect, it } from 'vitest';
import { DTypeError, Generator, Tensor, UsageError, nn, ones, optim, rand, tensor, zeros } from 'adjoint';

const CPU = ['cpu', 'cpu:0'] as const;
const OTHERS = ['cuda', 'cuda:0', 'mps', 'meta', 'CPU', 'cpu:', 'cpu:01', 'gpu', 0, {}];

describe('a device', () => {
  it.each(CPU)("may be written %s and is 'cpu'", (device) => {
    expect(zeros([2], { device }).device).toBe('cpu');
    expect(tensor([1], { device }).device).toBe('cpu');
    expect(rand([2], { device }).device).toBe('cpu');
    expect(ones(2).newZeros([2], { device }).device).toBe('cpu');
    const t = zeros(2);
    expect([t.to(device), t.to({ device }), t.cpu()].every((other) => other === t)).toBe(true);
    expect(t.to({ device, dtype: 'float64' }).dtype).toBe('float64');
    expect(t.to(device, 'int32').dtype).toBe('int32');
    expect(t.to(device, { dtype: 'int8' }).dtype).toBe('int8');
    expect(t.to(device, null, false, true) === t).toBe(false);
    const m = new nn.Linear(1, 1, { device });
    expect([m.to(device), m.to({ device }), m.cpu()].every((other) => other === m)).toBe(true);
    expect(m.to({ device, dtype: 'float64' }).weight.dtype).toBe('float64');
    expect(m.to(device, 'float32').weight.dtype).toBe('float32');
    for (const make of [() => new nn.Conv2d(1, 1, 1, { device }), () => new nn.Embedding(2, 2, { device }), () => new nn.BatchNorm1d(2, { device }), () => new nn.LayerNorm(2, { device })]) {
      expect(make().parameters()[0]!.device).toBe('cpu');
    }
    expect([new Generator(device).device, new Generator({ device }).device, new Generator().device]).toEqual(['cpu', 'cpu', 'cpu']);
  });

  it.each(OTHERS)('is refused where it is %j', (given) => {
    const device = given as never;
    const calls: (() => unknown)[] = [
      () => zeros([2], { device }), () => tensor([1], { device }), () => zeros(2).to({ device }), () => new nn.Linear(1, 1, { device }),
      () => new nn.Linear(1, 1).to({ device }), () => new Generator({ device }),
    ];
    for (const call of calls) {
      expect(call).toThrow(UsageError);
      expect(call).toThrow(/device must be 'cpu'/);
    }
  });

  it('null stands for the one there is', () => {
    const t = zeros(2);
    expect([t.to(null), t.to({ device: null })].every((other) => other === t)).toBe(true);
    expect(t.to(null, 'float64').dtype).toBe('float64');
    expect(new nn.Linear(1, 1).to(null, 'float64').weight.dtype).toBe('float64');
  });
});

describe('a module is cast', () => {
  const make = (): nn.BatchNorm1d => new nn.BatchNorm1d(2);
  const dtypes = (m: nn.Module): string[] => Object.values(m.stateDict()).map(({ dtype }) => dtype);
  const cast = (dtype: string): string[] => [dtype, dtype, dtype, dtype, 'int64'];

  it('by methods named after dtypes', () => {
    expect(dtypes(make().half())).toEqual(cast('float16'));
    expect(dtypes(make().bfloat16())).toEqual(cast('bfloat16'));
    expect(dtypes(make().double())).toEqual(cast('float64'));
    expect(dtypes(make().double().float())).toEqual(cast('float32'));
    expect(dtypes(new nn.Sequential(new nn.Linear(1, 1), new nn.Linear(1, 1)).half())).toEqual(new Array(4).fill('float16'));
  });

  it('by every form of to()', () => {
    const like = zeros(1, { dtype: 'float64' });
    const forms: ((m: nn.Module) => nn.Module)[] = [
      (m) => m.to('float64'), (m) => m.to('float64', true), (m) => m.to('float64', { nonBlocking: true }), (m) => m.to('cpu', 'float64'), (m) => m.to('cpu', 'float64', true),
      (m) => m.to('cpu', { dtype: 'float64' }), (m) => m.to({ dtype: 'float64' }), (m) => m.to({ device: 'cpu', dtype: 'float64', nonBlocking: true }), (m) => m.to(like), (m) => m.to(like, true),
      (m) => m.to({ tensor: like }), (m) => m.to({ dtype: 'float64', memoryFormat: 'preserve_format' }),
    ];
    for (const form of forms) {
      const m = make();
      const { weight } = m;
      expect(form(m)).toBe(m);
      expect(dtypes(m)).toEqual(cast('float64'));
      expect(m.weight === weight).toBe(true);
    }
    const unchanged: ((m: nn.Module) => nn.Module)[] = [(m) => m.to(), (m) => m.to({}), (m) => m.to(null), (m) => m.to('cpu', null), (m) => m.to({ dtype: null })];
    for (const form of unchanged) expect(dtypes(form(make()))).toEqual(cast('float32'));
  });

  it('to floating-point dtypes only', () => {
    for (const call of [() => make().to('int64'), () => make().to('bool'), () => make().to({ dtype: 'uint8' }), () => make().to(zeros(1, { dtype: 'int64' }))]) {
      expect(call).toThrow(DTypeError);
      expect(call).toThrow(/^to: a module is cast to floating-point dtypes only, got (int64|bool|uint8)/);
    }
    expect(() => make().to('float63' as never)).toThrow(/device must be 'cpu'/);
    expect(() => make().to({ other: zeros(1) } as never)).toThrow(/there is no argument named other/);
  });

  it('and goes on training, with gradients of its dtype', () => {
    for (const dtype of ['float16', 'bfloat16', 'float64'] as const) {
      const m = new nn.Linear(2, 1);
      const optimizer = new optim.SGD(m.parameters(), 0.5);
      m.to(dtype);
      m.call(ones([1, 2], { dtype })).sum().backward();
      expect(m.weight.grad!.dtype).toBe(dtype);
      const before = m.weight.tolist();
      optimizer.step();
      expect(m.weight.dtype).toBe(dtype);
      expect(m.weight.tolist()).not.toEqual(before);
    }
  });
});

describe('newTensor()', () => {
  it('makes a tensor of the dtype of another, as PyTorch\'s new_tensor does', () => {
    const t = zeros(2, { dtype: 'float64' });
    expect([t.newTensor([1, 2]).dtype, t.newTensor([1, 2]).tolist()]).toEqual(['float64', [1, 2]]);
    expect(zeros(2, { dtype: 'int64' }).newTensor([1.5, 2]).tolist()).toEqual([1, 2]);
    const asked = zeros(2, { dtype: 'int64' }).newTensor([1.5, 2], { dtype: 'float32', device: 'cpu', requiresGrad: true });
    expect([asked.dtype, asked.requiresGrad, asked.tolist()]).toEqual(['float32', true, [1.5, 2]]);
    expect(t.newTensor({ data: [[1], [2]] }).shape).toEqual([2, 1]);
    expect(t.newTensor(tensor([1n])).dtype).toBe('float64');
    expect(t.newTensor(5)).toBeInstanceOf(Tensor);
    expect(() => t.newTensor([1], { nonsense: 1 } as never)).toThrow(/^newTensor: there is no argument named nonsense/);
    expect(() => t.newTensor([[1], [2, 3]])).toThrow(/rectangular/);
  });
});
