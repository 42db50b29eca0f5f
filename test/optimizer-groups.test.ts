// Options of groups that a program gives values of another kind between steps.
import { capture, nn, ones, optim, type Tensor, UsageError } from 'adjoint';
import { describe, expect, it } from 'vitest';

type Group = Record<string, unknown>;
type Make = (params: Tensor[]) => optim.Optimizer<object>;

/** Every optimizer, with its options that are lists and how many numbers these have. */
const OPTIMIZERS: readonly [string, Make, Record<string, number>][] = [
  ['SGD', (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }), {}],
  ['Adam', (p) => new optim.Adam(p), { betas: 2 }],
  ['AdamW', (p) => new optim.AdamW(p), { betas: 2 }],
  ['Adamax', (p) => new optim.Adamax(p), { betas: 2 }],
  ['NAdam', (p) => new optim.NAdam(p), { betas: 2 }],
  ['RAdam', (p) => new optim.RAdam(p), { betas: 2 }],
  ['Rprop', (p) => new optim.Rprop(p), { etas: 2, stepSizes: 2 }],
  ['Adafactor', (p) => new optim.Adafactor(p), { eps: 2 }],
  ['Muon', (p) => new optim.Muon(p), { nsCoefficients: 3 }],
  ['RMSprop', (p) => new optim.RMSprop(p), {}],
  ['Adagrad', (p) => new optim.Adagrad(p), {}],
  ['Adadelta', (p) => new optim.Adadelta(p), {}],
  ['ASGD', (p) => new optim.ASGD(p), {}],
];

/** An optimizer of two groups whose parameters have gradients. */
function ready(make: Make): { optimizer: optim.Optimizer<object>; group: Group } {
  const [a, b] = [ones([2, 2], { requiresGrad: true }), ones([2, 2], { requiresGrad: true })];
  const optimizer = make([a]);
  optimizer.addParamGroup({ params: [b] });
  a.add(b).sum().backward();
  optimizer.step();
  return { optimizer, group: optimizer.paramGroups[1] as unknown as Group };
}

describe.each(OPTIMIZERS)('%s', (name, make, lists) => {
  for (const [option, count] of Object.entries(lists)) {
    it.each<[string, unknown]>([
      ['a number', 3],
      ['null', null],
      ['undefined', undefined],
      ['nothing', []],
      ['one number too few', Array.from({ length: count - 1 }, () => 0.5)],
      ['one number too many', Array.from({ length: count + 1 }, () => 0.5)],
      ['a text', '0.9'],
      ['texts', Array.from({ length: count }, () => '0.5')],
    ])(`refuses ${option} that is %s, by its group`, (_, value) => {
      const { optimizer, group } = ready(make);
      group[option] = value;
      const message = new RegExp(`^${name}: paramGroups\\[1\\]\\.${option} must be a list of .*, got `);
      expect(() => { optimizer.step(); }).toThrow(message);
      expect(() => { optimizer.step(); }).toThrow(UsageError);
    });
  }

  // Rprop reads the rate before its first step only.
  it.skipIf(name === 'Rprop')('refuses a rate that is no number, by its group, and goes on with one that is', () => {
    const { optimizer, group } = ready(make);
    const rate = group['lr'];
    group['lr'] = 'fast';
    expect(() => { optimizer.step(); }).toThrow(`${name}: paramGroups[1].lr must be`);
    group['lr'] = rate;
    optimizer.step();
  });
});

it('a replay of a captured step refuses them too', () => {
  const layer = new nn.Linear(2, 1);
  const optimizer = new optim.Adam(layer.parameters());
  const program = capture((x: Tensor) => {
    optimizer.zeroGrad();
    const loss = layer(x).sum();
    loss.backward();
    optimizer.step();
    return loss;
  }, ones([1, 2]));
  const group = optimizer.paramGroups[0]!;
  for (const wrong of [3, [0.9], [0.9, 0.99, 0.999]]) {
    (group as unknown as Group)['betas'] = wrong;
    expect(() => program.run(ones([1, 2]))).toThrow(UsageError);
  }
  group.betas = [0.5, 0.9];
  expect(program.run(ones([1, 2])).shape).toEqual([]);
});
