// Members under PyTorch's spelling, and fields that are overwritten while a module is made.
import { describe, expect, it } from 'vitest';
import { nn, ones, tensor, zeros } from 'adjoint';

type Any = any;

describe("PyTorch's name of a buffer is another name of it", () => {
  it.each([['BatchNorm1d', () => new nn.BatchNorm1d(2)], ['BatchNorm2d', () => new nn.BatchNorm2d(2)]])('in %s', (_, make) => {
    const bn: Any = make();
    const mean = tensor([1, 2]);
    bn.running_mean = mean;
    expect([bn.runningMean === mean, bn.running_mean === mean, bn.buffers()[0] === mean]).toEqual([true, true, true]);
    expect(bn.stateDict()['running_mean'].tolist()).toEqual([1, 2]);
    expect(Object.keys(bn.stateDict())).toEqual(['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']);
    bn.running_var = null;
    expect([bn.runningVar, Object.keys(bn).includes('running_var')]).toEqual([null, false]);
    expect(() => { bn.num_batches_tracked = 3; }).toThrow(/cannot assign 'number' as buffer 'numBatchesTracked'/);
    expect(bn.clone().running_mean.tolist()).toEqual([1, 2]);
  });

  it('and of a module of the user stays what the user made it', () => {
    class Net extends nn.Module { running_mean = 3; }
    expect(new Net().running_mean).toBe(3);
  });
});

describe('a field that holds a module or a parameter and is overwritten in the constructor', () => {
  it('is refused once another module, parameter or tensor was made', () => {
    class ByModule extends nn.Module { a: Any = new nn.ReLU(); b = new nn.ReLU(); constructor() { super(); this.a = 5; } }
    class ByParameter extends nn.Module { a: Any; b: Any; constructor() { super(); this.a = new nn.ReLU(); this.b = new nn.Parameter(w); this.a = 5; } }
    class ByTensor extends nn.Module { a: Any = new nn.Parameter(w); b = zeros([1]); constructor() { super(); this.a = 'x'; } }
    const w = ones([1]);
    expect(() => new ByModule()).toThrow("ByModule: cannot assign 'number' as child module 'a' (nn.Module or null expected)");
    expect(() => new ByParameter()).toThrow("cannot assign 'number' as child module 'a'");
    expect(() => new ByTensor()).toThrow("cannot assign 'string' as parameter 'a'");
  });
});
