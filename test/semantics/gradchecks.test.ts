// gradcheck and gradgradcheck.
import { type FunctionCtx, type Tensor, autograd, ones, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

const double = (values: number[], requiresGrad = false): Tensor => tensor(values, { dtype: 'float64', requiresGrad });
const { gradcheck, gradgradcheck } = autograd;
class Bad extends autograd.Function {
  static override forward(_ctx: FunctionCtx, x: Tensor): Tensor { return x.mul(2); }
  static override backward(_ctx: FunctionCtx, g: Tensor): Tensor { return g.mul(3); }
}
const bad = (x: Tensor): Tensor => Bad.apply(x);

behaves('gradcheck and gradgradcheck of right gradients', [true, true, true, 'error', true, true, true, true], () => {
  const f = (x: any) => x.pow(2).sum();
  return [gradcheck(f, double([1, 2], true)), gradcheck(f, [double([1, 2], true)], { fastMode: true }), gradcheck((x, y) => (x as any).mul(y), [double([1], true), double([2])]), fails(() => gradcheck(f, double([1, 2]))), gradcheck((x, k) => (x as any).mul(k), [double([1], true), 3]), gradcheck(x => [(x as any).mul(2), (x as any).sum()], double([1, 2], true)), gradcheck(f, double([1, 2], true), { checkForwardAd: true }), gradgradcheck(x => (x as any).pow(3), double([1, 2], true))];
});

behaves('gradcheck of a wrong gradient', ['error', false, 'error', true, 'none'], () => [fails(() => gradcheck(bad, double([1], true))), gradcheck(bad, double([1], true), { raiseException: false }), fails(() => gradcheck(bad, double([1], true), { fastMode: true })), gradcheck(bad, double([1], true), { atol: 2 }), fails(() => gradgradcheck(bad, double([1], true)))]);

behaves('gradcheck refuses inputs that overlap themselves', 'error', () => fails(() => gradcheck(x => (x as any).mul(2), ones([1], { dtype: 'float64' }).expand([3]).requiresGrad_())));

behaves('integer outputs have nothing to check', 'none', () => fails(() => gradcheck(x => (x as any).argmax(), double([1, 2], true))));
