// The Kullback–Leibler divergence of pairs of distributions. Formulas are registered by the pair of classes; subclasses use those
// of the nearest classes above them. The table is made at the first call, so that a page which asks for none carries no side effect.
import { UsageError } from '../core/errors';
import { anything, callable } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { digamma, fullLike, lgamma, xlogy } from '../generated/functions';
import { softplus } from '../generated/functional';
import { scoped } from '../runtime/scope';
import type { Tensor } from '../tensor/tensor';
import { Categorical, OneHotCategorical } from './categorical';
import { ContinuousBernoulli } from './continuous';
import { Bernoulli, Binomial, Geometric, Poisson } from './counts';
import { Distribution } from './distribution';
import { Exponential, Pareto } from './exponential';
import { Beta, Dirichlet, Gamma } from './gamma';
import { Cauchy, EULER, Gumbel, HalfNormal, Laplace, Normal, Uniform } from './location-scale';
import {
  LowRankMultivariateNormal,
  MultivariateNormal,
  divergenceFromLowRank,
  divergenceOfLowRanks,
  divergenceOfVectors,
  divergenceToLowRank,
} from './multivariate';
import { sumRightmost } from './parameter';
import { Independent, TransformedDistribution, distribution } from './transformed';
import { sameTransforms } from './transform';

/** A class of distributions. */
export interface DistributionClass<D extends Distribution = Distribution> {
  readonly prototype: D;
}
type Formula = (p: Distribution, q: Distribution) => Tensor;

interface Entry {
  readonly p: DistributionClass;
  readonly q: DistributionClass;
  readonly formula: Formula;
}

let entries: Entry[] | null = null;

/** The formulas; those of the package at first. */
function table(): Entry[] {
  if (entries === null) {
    const made: Entry[] = [];
    const add = <P extends Distribution, Q extends Distribution>(p: DistributionClass<P>, q: DistributionClass<Q>, formula: (p: P, q: Q) => Tensor): void => {
      made.push({ p, q, formula: formula as unknown as Formula });
    };
    sameFamily(add);
    otherFamilies(add);
    infinite(add);
    entries = made;
  }
  return entries;
}

type Add = <P extends Distribution, Q extends Distribution>(p: DistributionClass<P>, q: DistributionClass<Q>, formula: (p: P, q: Q) => Tensor) => void;

const infiniteLike = (t: Tensor): Tensor => fullLike(t, Infinity);
const oneMinus = (t: Tensor): Tensor => t.neg().add(1);
const infiniteWhere = (t: Tensor, is: Tensor): Tensor => t.maskedFill(is, Infinity);
const xLogX = (t: Tensor): Tensor => xlogy(t, t);

function normals(p: Normal, q: Normal): Tensor {
  const ratio = p.scale.div(q.scale).square();
  return ratio.add(p.loc.sub(q.loc).div(q.scale).square()).sub(1).sub(ratio.log()).mul(0.5);
}

function categoricals(p: Categorical, q: Categorical): Tensor {
  const each = p.probs.mul(p.logits.sub(q.logits));
  return infiniteWhere(each, q.probs.eq(0).expand([...each.shape])).maskedFill(p.probs.eq(0), 0).sum(-1);
}

function sameFamily(add: Add): void {
  add(Bernoulli, Bernoulli, (p, q) => {
    const on = p.probs.mul(softplus(q.logits.neg()).sub(softplus(p.logits.neg())));
    const off = oneMinus(p.probs).mul(softplus(q.logits).sub(softplus(p.logits)));
    return infiniteWhere(on, q.probs.eq(0)).maskedFill(p.probs.eq(0), 0).add(infiniteWhere(off, q.probs.eq(1)).maskedFill(p.probs.eq(1), 0));
  });
  add(Beta, Beta, (p, q) => {
    const [a, b] = [p.concentration1.add(p.concentration0), q.concentration1.add(q.concentration0)];
    const t1 = lgamma(q.concentration1).add(lgamma(q.concentration0)).add(lgamma(a));
    const t2 = lgamma(p.concentration1).add(lgamma(p.concentration0)).add(lgamma(b));
    const t3 = p.concentration1.sub(q.concentration1).mul(digamma(p.concentration1));
    const t4 = p.concentration0.sub(q.concentration0).mul(digamma(p.concentration0));
    return t1.sub(t2).add(t3).add(t4).add(b.sub(a).mul(digamma(a)));
  });
  add(Binomial, Binomial, (p, q) => {
    if (p.totalCount.lt(q.totalCount).any().item<boolean>()) {
      throw new UsageError('klDivergence: between Binomials the second may not have the greater totalCount', 'klDivergence');
    }
    const each = p.totalCount.mul(p.probs.mul(p.logits.sub(q.logits)).add(p.probs.neg().log1p()).sub(q.probs.neg().log1p()));
    return infiniteWhere(each, p.totalCount.gt(q.totalCount));
  });
  add(Categorical, Categorical, categoricals);
  add(OneHotCategorical, OneHotCategorical, (p, q) => categoricals(p._categorical, q._categorical));
  add(ContinuousBernoulli, ContinuousBernoulli, (p, q) => {
    const t1 = p._mean().mul(p.logits.sub(q.logits));
    return t1.add(p._logNorm()).add(p.probs.neg().log1p()).sub(q._logNorm()).sub(q.probs.neg().log1p());
  });
  add(Dirichlet, Dirichlet, (p, q) => {
    const [a, b] = [p.concentration.sum(-1), q.concentration.sum(-1)];
    const t2 = lgamma(p.concentration).sub(lgamma(q.concentration)).sum(-1);
    const t4 = digamma(p.concentration).sub(digamma(a).unsqueeze(-1));
    return lgamma(a).sub(lgamma(b)).sub(t2).add(p.concentration.sub(q.concentration).mul(t4).sum(-1));
  });
  add(Exponential, Exponential, (p, q) => {
    const ratio = q.rate.div(p.rate);
    return ratio.log().neg().add(ratio).sub(1);
  });
  add(Gamma, Gamma, (p, q) => {
    const t1 = q.concentration.mul(p.rate.div(q.rate).log());
    const t2 = lgamma(q.concentration).sub(lgamma(p.concentration));
    const t3 = p.concentration.sub(q.concentration).mul(digamma(p.concentration));
    return t1.add(t2).add(t3).add(q.rate.sub(p.rate).mul(p.concentration.div(p.rate)));
  });
  add(Gumbel, Gumbel, (p, q) => {
    const ratio = p.scale.div(q.scale);
    const [b, a] = [q.loc.div(q.scale), p.loc.div(q.scale)];
    const t3 = b.add(lgamma(ratio.add(1))).sub(a).exp();
    return ratio.log().neg().sub(b).add(a).add(ratio.mul(EULER)).add(t3).sub(1 + EULER);
  });
  add(Geometric, Geometric, (p, q) => p._entropy().neg().sub(q.probs.neg().log1p().div(p.probs)).sub(q.logits));
  add(HalfNormal, HalfNormal, (p, q) => normals(p.baseDist, q.baseDist));
  add(Laplace, Laplace, (p, q) => {
    const ratio = p.scale.div(q.scale);
    const distance = p.loc.sub(q.loc).abs();
    return ratio.log().neg().add(distance.div(q.scale)).add(ratio.mul(distance.neg().div(p.scale).exp())).sub(1);
  });
  add(MultivariateNormal, MultivariateNormal, divergenceOfVectors);
  add(LowRankMultivariateNormal, LowRankMultivariateNormal, divergenceOfLowRanks);
  add(Normal, Normal, normals);
  add(Pareto, Pareto, (p, q) => {
    const ratio = q.alpha.div(p.alpha);
    const each = q.alpha.mul(p.scale.div(q.scale).log()).sub(ratio.log()).add(ratio).sub(1);
    return infiniteWhere(each, p.scale.lt(q.scale));
  });
  add(Poisson, Poisson, (p, q) => p.rate.mul(p.rate.log().sub(q.rate.log())).sub(p.rate.sub(q.rate)));
  add(TransformedDistribution, TransformedDistribution, (p, q) => {
    if (!sameTransforms(p.transforms, q.transforms)) throw new UsageError('klDivergence: transformed distributions must have the same transforms', 'klDivergence');
    if (p.eventShape.join() !== q.eventShape.join()) throw new UsageError('klDivergence: transformed distributions must have the same eventShape', 'klDivergence');
    return divergence(p.baseDist, q.baseDist);
  });
  add(Uniform, Uniform, (p, q) => infiniteWhere(q.high.sub(q.low).div(p.high.sub(p.low)).log(), q.low.gt(p.low).logicalOr(q.high.lt(p.high))));
  add(Independent, Independent, (p: Independent, q: Independent) => {
    if (p.reinterpretedBatchNdims !== q.reinterpretedBatchNdims) {
      throw new UsageError('klDivergence: Independent distributions must agree in reinterpretedBatchNdims', 'klDivergence');
    }
    return sumRightmost(divergence(p.baseDist, q.baseDist), p.reinterpretedBatchNdims);
  });
  add(Cauchy, Cauchy, (p, q) => p.scale.add(q.scale).square().add(p.loc.sub(q.loc).square()).log().sub(p.scale.mul(q.scale).mul(4).log()));
}

/** −log of a normal density's factor, plus the mean square distance in units of its variance, halved. */
function againstNormal(entropy: Tensor, q: Normal, mean: Tensor, variance: Tensor): Tensor {
  const square = variance.add(mean.sub(q.loc).square());
  return q.scale.log().add(0.5 * Math.log(2 * Math.PI)).add(square.div(q.scale.square()).mul(0.5)).sub(entropy);
}

/** The mean of −log of a gamma density, given the mean and the mean of the logarithm. */
function againstGamma(entropy: Tensor, q: Gamma, mean: Tensor, meanLog: Tensor): Tensor {
  const norm = lgamma(q.concentration).sub(q.concentration.mul(q.rate.log()));
  return norm.sub(q.concentration.sub(1).mul(meanLog)).add(q.rate.mul(mean)).sub(entropy);
}

function otherFamilies(add: Add): void {
  add(MultivariateNormal, LowRankMultivariateNormal, divergenceToLowRank);
  add(LowRankMultivariateNormal, MultivariateNormal, divergenceFromLowRank);
  add(Bernoulli, Poisson, (p, q) => p._entropy().neg().sub(p.probs.mul(q.rate.log()).sub(q.rate)));
  add(Beta, ContinuousBernoulli, (p, q) => p._entropy().neg().sub(p._mean().mul(q.logits)).sub(q.probs.neg().log1p()).sub(q._logNorm()));
  add(Beta, Exponential, (p, q) => p._entropy().neg().sub(q.rate.log()).add(q.rate.mul(p._mean())));
  add(Beta, Gamma, (p, q) => againstGamma(p._entropy(), q, p._mean(), digamma(p.concentration1).sub(digamma(p.concentration1.add(p.concentration0)))));
  add(Beta, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  add(Beta, Uniform, (p, q) => infiniteWhere(p._entropy().neg().add(q.high.sub(q.low).log()), q.low.gt(0).logicalOr(q.high.lt(1))));
  add(ContinuousBernoulli, Exponential, (p, q) => p._entropy().neg().sub(q.rate.log()).add(q.rate.mul(p._mean())));
  add(ContinuousBernoulli, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  // PyTorch's condition holds for every `low` of at least 0 and every `high` of at most 1.
  add(ContinuousBernoulli, Uniform, (p, q) => infiniteWhere(p._entropy().neg().add(q.high.sub(q.low).log()), q.low.ge(0).logicalOr(q.high.le(1))));
  add(Exponential, Gamma, (p, q) => {
    const ratio = q.rate.div(p.rate);
    return q.concentration.neg().mul(ratio.log()).add(ratio).add(lgamma(q.concentration)).add(q.concentration.mul(EULER)).sub(1 + EULER);
  });
  add(Exponential, Gumbel, (p, q) => {
    const [product, ratio] = [p.rate.mul(q.scale), q.loc.div(q.scale)];
    return product.log().sub(1).sub(ratio).add(ratio.exp().mul(product).div(product.add(1))).add(product.reciprocal());
  });
  add(Exponential, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  add(Gamma, Exponential, (p, q) => p._entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.concentration).div(p.rate)));
  add(Gamma, Gumbel, (p, q) => {
    const [product, ratio] = [p.rate.mul(q.scale), q.loc.div(q.scale)];
    const t1 = p.concentration.sub(1).mul(digamma(p.concentration)).sub(lgamma(p.concentration)).sub(p.concentration);
    const t3 = ratio.exp().mul(product.reciprocal().add(1).pow(p.concentration.neg())).sub(ratio);
    return t1.add(product.log()).add(p.concentration.div(product)).add(t3);
  });
  add(Gamma, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  add(Gumbel, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  add(Laplace, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  add(Normal, Gumbel, (p, q) => {
    const [mean, loc, square] = [p.loc.div(q.scale), q.loc.div(q.scale), p.scale.div(q.scale).square()];
    const t3 = mean.neg().add(square.mul(0.5)).add(loc).exp();
    return square.log().mul(-0.5).add(mean).sub(loc).add(t3).sub(0.5 * (1 + Math.log(2 * Math.PI)));
  });
  add(Normal, Laplace, (p, q) => {
    const distance = p.loc.sub(q.loc);
    const ratio = distance.div(p.scale);
    const t2 = p.scale.mul(ratio.square().mul(-0.5).exp()).mul(Math.sqrt(2 / Math.PI));
    const t3 = distance.mul(ratio.mul(Math.SQRT1_2).erf());
    return p.scale.div(q.scale).log().neg().add(t2.add(t3).div(q.scale)).sub(0.5 * (1 + Math.log(0.5 * Math.PI)));
  });
  add(Pareto, Exponential, (p, q) => {
    const product = p.scale.mul(q.rate);
    const each = p.alpha.div(product).log().sub(p.alpha.reciprocal()).add(p.alpha.mul(product).div(p.alpha.sub(1))).sub(1);
    return infiniteWhere(each, p.alpha.le(1));
  });
  add(Pareto, Gamma, (p, q) => {
    const mean = p.alpha.mul(p.scale).div(p.alpha.sub(1));
    return infiniteWhere(againstGamma(p._entropy(), q, mean, p.scale.log().add(p.alpha.reciprocal())), p.alpha.le(1));
  });
  add(Pareto, Normal, (p, q) => {
    const unit = p.scale.div(p.alpha.sub(1));
    const variance = p.alpha.mul(unit.square()).div(p.alpha.sub(2));
    return infiniteWhere(againstNormal(p._entropy(), q, p.alpha.mul(unit), variance), p.alpha.le(2));
  });
  const meanLog = (low: Tensor, high: Tensor): Tensor => xLogX(high).sub(xLogX(low)).div(high.sub(low)).sub(1);
  add(Uniform, Beta, (p, q) => {
    const logs = meanLog(p.low, p.high);
    // The mean of log(1 − x), by the ends the other way round.
    const others = meanLog(oneMinus(p.high), oneMinus(p.low));
    const norm = lgamma(q.concentration1).add(lgamma(q.concentration0)).sub(lgamma(q.concentration1.add(q.concentration0)));
    const each = norm.sub(p._entropy()).sub(q.concentration1.sub(1).mul(logs)).sub(q.concentration0.sub(1).mul(others));
    return infiniteWhere(each, p.high.gt(1).logicalOr(p.low.lt(0)));
  });
  add(Uniform, ContinuousBernoulli, (p, q) => {
    const each = p._entropy().neg().sub(p._mean().mul(q.logits)).sub(q.probs.neg().log1p()).sub(q._logNorm());
    return infiniteWhere(each, p.high.ge(1).logicalOr(p.low.le(0)));
  });
  add(Uniform, Exponential, (p, q) => infiniteWhere(q.rate.mul(p.high.add(p.low)).div(2).sub(p.high.sub(p.low).mul(q.rate).log()), p.low.lt(0)));
  add(Uniform, Gamma, (p, q) => infiniteWhere(againstGamma(p._entropy(), q, p._mean(), meanLog(p.low, p.high)), p.low.lt(0)));
  add(Uniform, Gumbel, (p, q) => {
    const unit = q.scale.div(p.high.sub(p.low));
    const [high, low] = [p.high.sub(q.loc).div(q.scale), p.low.sub(q.loc).div(q.scale)];
    return unit.log().add(high.add(low).mul(0.5)).sub(unit.mul(high.neg().exp().sub(low.neg().exp())));
  });
  add(Uniform, Normal, (p, q) => againstNormal(p._entropy(), q, p._mean(), p._variance()));
  add(Uniform, Pareto, (p, q) => {
    const norm = q.alpha.mul(q.scale.pow(q.alpha)).mul(p.high.sub(p.low)).log();
    return infiniteWhere(meanLog(p.low, p.high).mul(q.alpha.add(1)).sub(norm), p.low.lt(q.scale));
  });
}

/** Pairs of which the first has outcomes that the second has not. */
function infinite(add: Add): void {
  const all = <P extends Distribution>(p: DistributionClass<P>, like: (p: P) => Tensor, ...others: DistributionClass[]): void => {
    for (const q of others) add(p, q, (first) => infiniteLike(like(first)));
  };
  all(Beta, (p) => p.concentration1, Pareto);
  all(ContinuousBernoulli, (p) => p.probs, Pareto);
  all(Exponential, (p) => p.rate, Beta, ContinuousBernoulli, Pareto, Uniform);
  all(Gamma, (p) => p.concentration, Beta, ContinuousBernoulli, Pareto, Uniform);
  all(Gumbel, (p) => p.loc, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform);
  all(Laplace, (p) => p.loc, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform);
  all(Normal, (p) => p.loc, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform);
  all(Pareto, (p) => p.scale, Beta, ContinuousBernoulli, Uniform);
  all(Poisson, (p) => p.rate, Bernoulli, Binomial);
}

/** How many classes an object's class is below another; null where it is not of it. */
function distance(of: Distribution, to: DistributionClass): number | null {
  let steps = 0;
  for (let at: unknown = of.constructor; typeof at === 'function'; at = Object.getPrototypeOf(at) as unknown, steps++) if (at === to) return steps;
  return null;
}

function divergence(p: Distribution, q: Distribution): Tensor {
  let best: Entry | null = null;
  let least = Infinity;
  for (const entry of table()) {
    const [a, b] = [distance(p, entry.p), distance(q, entry.q)];
    // Of equally near ones the last, which a program registered.
    if (a !== null && b !== null && a + b <= least) [best, least] = [entry, a + b];
  }
  if (best !== null) return best.formula(p, q);
  throw new UsageError(
    `klDivergence: there is no formula for p of ${p.constructor.name} and q of ${q.constructor.name}; add one with registerKl(${p.constructor.name}, ${q.constructor.name}, formula)`,
    'klDivergence',
  );
}

/**
 * Returns the Kullback–Leibler divergence of `q` from `p`, of the shape of their batch: the mean of log p(x) − log q(x) over
 * outcomes of `p`. PyTorch's `torch.distributions.kl_divergence`, with its pairs.
 *
 * @throws UsageError for a pair without a formula.
 */
export const klDivergence: Stated & ((...args: Arguments<{ p: Distribution; q: Distribution }, ['p', 'q']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ p: Distribution; q: Distribution }>('klDivergence', () => ({ p: distribution, q: distribution })),
  ({ p, q }) => scoped('klDivergence', () => divergence(p, q)),
);

interface RegisterArguments {
  typeP: DistributionClass;
  typeQ: DistributionClass;
  formula: (p: never, q: never) => Tensor;
}
const isClass = (value: unknown): value is DistributionClass => typeof value === 'function' && value.prototype instanceof Distribution;

/** Adds the divergence of a pair of classes to those that `klDivergence` knows, before others for the same pair. */
export const registerKl: Stated & ((...args: Arguments<RegisterArguments, ['typeP', 'typeQ', 'formula']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<RegisterArguments>('registerKl', () => ({ typeP: anything, typeQ: anything, formula: callable })),
  ({ typeP, typeQ, formula }) => {
    for (const given of [typeP, typeQ]) if (!isClass(given)) throw new UsageError('registerKl: typeP and typeQ must be classes of distributions', 'registerKl');
    table().push({ p: typeP, q: typeQ, formula: formula as Formula });
  },
);
