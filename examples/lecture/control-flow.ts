// Gradients through ordinary loops and branches of the host language.
import { tensor, type Tensor } from 'adjoint';
import type { Case } from './case';

/** Doubles until the value is large, then takes one of two branches: both depend on the data. */
function f(a: Tensor): Tensor {
  let b = a.mul(2);
  while (b.abs().item() < 1000) b = b.mul(2);
  return b.item() > 0 ? b : b.mul(100);
}

function closed(a: number): number {
  let slope = 2;
  while (Math.abs(slope * a) < 1000) slope *= 2;
  return a > 0 ? slope : 100 * slope;
}

const piecewise: Case = {
  title: 'Control flow of the host language',
  text: ['f doubles its argument until it is at least 1000 and multiplies negative results by 100', 'f is linear in pieces: df/da = f(a) / a'],
  run() {
    return [0.7, 3, -1.25].flatMap((at) => {
      const a = tensor(at, { requiresGrad: true });
      const d = f(a);
      d.backward();
      return [
        { what: `df/da at ${at}`, value: a.grad!, closed: closed(at) },
        { what: `f(a)/a at ${at}`, value: d.item() / a.item(), closed: closed(at) },
      ];
    });
  },
};

/** A loop whose length and a branch whose side depend on the data. */
export const controlFlow: readonly Case[] = [piecewise];
