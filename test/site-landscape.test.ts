// The picture of the loss around a network: the middle is the network, and it is left as it was.
import * as adjoint from 'adjoint';
import { expect, test } from 'vitest';
import { landscape } from '../site/workers/landscape';

test('the middle of the landscape is the loss itself, and the parameters are as they were', () => {
  const { manualSeed, nn, randn } = adjoint;
  manualSeed(0);
  const model = new nn.Linear(3, 2);
  const x = randn([8, 3]);
  const loss = () => model(x).square().mean();
  const before = model.weight.tolist();
  const losses = landscape(adjoint, [...model.parameters()], loss, 5, 7);
  expect(losses[12]).toBeCloseTo(loss().item(), 6);
  expect(model.weight.tolist()).toEqual(before);
  expect(new Set(losses).size).toBeGreaterThan(20);
  expect(landscape(adjoint, [...model.parameters()], loss, 5, 7)).toEqual(losses);
});
