// nn.Buffer: a tensor that is a buffer of the module it is assigned to.
import { describe, expect, it } from 'vitest';
import { nn, ones, scope, tensor, zeros, type Tensor } from 'adjoint';

class Net extends nn.Module {
  shift = new nn.Buffer(tensor([1, 2]));
  scratch = new nn.Buffer({ data: zeros(1), persistent: false });
  other: nn.Buffer;
  constructor() {
    super();
    this.other = new nn.Buffer(ones(1));
  }
  override forward(x: Tensor): Tensor { return x.add(this.shift); }
}

describe('nn.Buffer', () => {
  it('in a field, or assigned in the constructor, is a buffer', () => {
    const net = new Net();
    expect(net.namedBuffers().map(([name]) => name)).toEqual(['shift', 'scratch', 'other']);
    expect(Object.keys(net.stateDict())).toEqual(['shift', 'other']);
    expect([net.parameters(), net(ones(2)).tolist(), net.shift instanceof nn.Buffer, net.scratch.persistent]).toEqual([[], [2, 3], true, false]);
    net.double();
    expect(net.shift.dtype).toBe('float64');
    expect(Object.keys(net.clone().stateDict())).toEqual(['shift', 'other']);
  });

  it('takes the place of another buffer, with its own persistence', () => {
    const net = new Net();
    net.shift = new nn.Buffer(zeros(2), false);
    expect([Object.keys(net.stateDict()), net(ones(2)).tolist()]).toEqual([['other'], [1, 1]]);
    (net as { shift: Tensor }).shift = ones(2);
    expect(net(ones(2)).tolist()).toEqual([2, 2]);
    expect(Object.keys(net.stateDict())).toEqual(['other']);
  });

  it('is no parameter and no module', () => {
    const linear = new nn.Linear(1, 1);
    expect(() => { linear.weight = new nn.Buffer(ones(1, 1)); }).toThrow(/cannot assign 'Tensor' as parameter 'weight'/);
    expect(() => new nn.Buffer(1 as never)).toThrow(/Buffer: data must be a tensor, got 1/);
  });

  it('shares the values of its data, has no history and outlives scopes', () => {
    const x = ones(2).requiresGrad_();
    const [data, buffer] = scope(() => {
      const data = x.mul(2);
      return [data, new nn.Buffer(data)];
    });
    data.detach().fill_(5);
    expect([buffer.tolist(), buffer.isLeaf, buffer.gradFn]).toEqual([[5, 5], true, null]);
    expect(scope(() => { const inner = new nn.Buffer(ones(1)); return { get: () => inner }; }).get().item()).toBe(1);
  });
});
