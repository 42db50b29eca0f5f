// Members of namespaces in namespaces are types as well as values, also in the declarations that are published.
import { expect, expectTypeOf, it } from 'vitest';
import { nn, optim, ones } from 'adjoint';
import { aliasNamespaces } from '../../scripts/build/namespaces.mjs';

it('have types that can be written', () => {
  const sgd = new optim.SGD([new nn.Parameter(ones([1]))], 0.1);
  const schedule: optim.lrScheduler.LRScheduler = new optim.lrScheduler.StepLR(sgd, 1);
  expectTypeOf<optim.lrScheduler.StepLR>().toExtend<optim.lrScheduler.LRScheduler>();
  expectTypeOf<optim.swaUtils.AveragedModelOptions>().toBeObject();
  expectTypeOf<nn.utils.rnn.PackedSequence>().toHaveProperty('data');
  expect(schedule.getLastLr()).toEqual([0.1]);
});

it('are aliases where the roll-up makes constants', () => {
  const rolled = 'declare namespace inner {\n}\ndeclare const outer_inner: typeof inner;\ndeclare const outer_f: typeof f;\n';
  expect(aliasNamespaces(rolled)).toBe('declare namespace inner {\n}\nimport outer_inner = inner;\ndeclare const outer_f: typeof f;\n');
});
