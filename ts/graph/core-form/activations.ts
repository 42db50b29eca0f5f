// Activations that engines lack, as their formulas.
import type { Builder, Id } from './builder';
import { clamped, formula } from './elementwise';
import { numberOf, type Rule } from './rule';

const isAbove = (b: Builder, x: Id, limit: number): Id => b.binary('gt', x, b.filled(limit, b.dtype(x)), 'bool');

/** log(1 + exp(x)), where exp(x) is no longer finite too. */
const softplus = (b: Builder, x: Id): Id => b.add(b.unary('relu', x), b.unary('log1p', b.unary('exp', b.unary('neg', b.unary('abs', x)))));

/** `scale · (x where x > 0, else alpha · (exp(x · rate) − 1))`. */
const exponentialLinear = (b: Builder, x: Id, alpha: number, rate = 1, scale = 1): Id =>
  b.times(b.where(isAbove(b, x, 0), x, b.times(b.unary('expm1', b.times(b.binary('minimum', x, b.filled(0, b.dtype(x))), rate)), alpha)), scale);

/** min(max(x + 3, 0), 6) / 6. */
const hardSigmoid = (b: Builder, x: Id): Id => b.times(clamped(b, b.plus(x, 3), 0, 6), 1 / 6);

/** The rules, by op. */
export const ACTIVATIONS: Readonly<Record<string, Rule>> = {
  softplus: formula((b, [x], call) => {
    const beta = numberOf(call, 'beta');
    const steep = b.times(x!, beta);
    return b.where(isAbove(b, steep, numberOf(call, 'threshold')), x!, b.times(softplus(b, steep), 1 / beta));
  }),
  logsigmoid: formula((b, [x]) => b.unary('neg', softplus(b, b.unary('neg', x!)))),
  mish: formula((b, [x]) => b.mul(x!, b.unary('tanh', softplus(b, x!)))),
  elu: formula((b, [x], call) => exponentialLinear(b, x!, numberOf(call, 'alpha'))),
  celu: formula((b, [x], call) => exponentialLinear(b, x!, numberOf(call, 'alpha'), 1 / numberOf(call, 'alpha'))),
  // Klambauer et al., "Self-Normalizing Neural Networks" (2017).
  selu: formula((b, [x]) => exponentialLinear(b, x!, 1.6732632423543772, 1, 1.0507009873554805)),
  hardtanh: formula((b, [x], call) => clamped(b, x!, numberOf(call, 'minVal'), numberOf(call, 'maxVal'))),
  relu6: formula((b, [x]) => clamped(b, x!, 0, 6)),
  hardsigmoid: formula((b, [x]) => hardSigmoid(b, x!)),
  hardswish: formula((b, [x]) => b.mul(x!, hardSigmoid(b, x!))),
  softsign: formula((b, [x]) => b.div(x!, b.plus(b.unary('abs', x!), 1))),
  tanhshrink: formula((b, [x]) => b.sub(x!, b.unary('tanh', x!))),
};
