// A replay where a parameter or buffer of a module was replaced since the capture: the record holds the old one.
import { type Tensor, capture, nn, ones, optim, tensor, zeros } from 'adjoint';
import { describe, expect, it } from 'vitest';

class Direct extends nn.Module {
  l = new nn.Linear(2, 2);
  override forward(x: Tensor): Tensor {
    return x.matmul(this.l.weight);
  }
}

const changes: Record<string, [() => nn.Module, (m: never) => void, RegExp]> = {
  'the data of a parameter': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.weight.data = zeros([2, 2]); }, /Linear.weight was replaced/],
  'a parameter': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.bias = new nn.Parameter(zeros([2])); }, /Linear.bias was replaced/],
  'a parameter by null': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.bias = null; }, /Linear.bias was replaced/],
  'the dtype': [() => new nn.Linear(2, 2), (m: nn.Linear) => { m.to('float64'); }, /Linear.(weight|bias) was replaced/],
  'a buffer': [() => new nn.BatchNorm1d(2).eval(), (m: nn.BatchNorm1d) => { m.runningMean = tensor([1, 2]); }, /BatchNorm1d.runningMean was replaced/],
  'a parameter of a part': [() => new nn.Sequential(new nn.Linear(2, 2)), (m: nn.Sequential) => { ([...m][0] as nn.Linear).weight = new nn.Parameter(zeros([2, 2])); }, /Linear.weight was replaced/],
  'a parameter of a part that is not called': [() => new Direct(), (m: Direct) => { m.l.weight = new nn.Parameter(zeros([2, 2])); }, /Linear.weight was replaced/],
};

describe('a replay refuses', () => {
  it.each(Object.entries(changes))('%s that was replaced', (_, [make, change, message]) => {
    const m = make();
    const f = capture((x) => (m as nn.Linear).call(x), ones([3, 2]));
    f.run(ones([3, 2]));
    change(m as never);
    expect(() => f.run(ones([3, 2]))).toThrow(message);
  });
});

describe('a replay goes on', () => {
  it('after steps of an optimizer, a state dict, and freezing', () => {
    const m = new nn.Linear(2, 2);
    const f = capture((x) => m.call(x), ones([3, 2]));
    const o = new optim.SGD(m.parameters(), { lr: 0.1 });
    f.run(ones([3, 2])).sum().backward();
    o.step();
    m.loadStateDict(new nn.Linear(2, 2).stateDict());
    m.requiresGrad_(false);
    expect(f.run(ones([3, 2])).tolist()).toEqual(m.call(ones([3, 2])).tolist());
  });

  it('in training with buffers that move', () => {
    const m = new nn.BatchNorm1d(2);
    const f = capture((x) => m.call(x), ones([3, 2]));
    for (let i = 0; i < 3; i++) f.run(ones([3, 2]));
    expect(Number(m.numBatchesTracked!.item())).toBe(4);
  });
});

it('a step of a schedule cannot be captured', () => {
  const w = new nn.Parameter(ones([1]));
  const s = new optim.lrScheduler.StepLR(new optim.SGD([w], { lr: 1 }), { stepSize: 1 });
  expect(() => capture((x) => { s.step(); return x.mul(2); }, ones([1]))).toThrow(/step: cannot be captured/);
});
