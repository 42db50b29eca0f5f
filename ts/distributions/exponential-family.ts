// The base class of exponential families, whose entropy follows from their normaliser.
import { grad } from '../autograd/autograd';
import type { Tensor } from '../tensor/tensor';
import { Distribution } from './distribution';

/**
 * A distribution whose density is `exp(⟨t(x), θ⟩ − F(θ) + k(x))`, with natural parameters θ, sufficient statistic t, log-normaliser F and
 * carrier measure k. A class that extends it says what θ, F and the mean of k are, and has its entropy from that: `F − ⟨θ, ∇F⟩ − E[k]`.
 *
 * Source: PyTorch, `torch.distributions.ExponentialFamily`; Nielsen and Nock, "Entropies and cross-entropies of exponential families",
 * ICIP 2010.
 */
export abstract class ExponentialFamily extends Distribution {
  /** The natural parameters. */
  protected abstract get naturalParams(): readonly Tensor[];

  /** The logarithm of the normaliser, of shape `batchShape`, of natural parameters. */
  protected abstract logNormalizer(...naturalParams: readonly Tensor[]): Tensor;

  /** The mean of the carrier measure. */
  protected abstract get meanCarrierMeasure(): Tensor | number;

  /** @internal */
  override _entropy(): Tensor {
    const params = this.naturalParams.map((p) => p.detach().requiresGrad_());
    const normalizer = this.logNormalizer(...params);
    const gradients = grad(normalizer.sum(), params, { createGraph: true }) as readonly Tensor[];
    let entropy = normalizer.sub(this.meanCarrierMeasure);
    for (const [i, p] of params.entries()) entropy = entropy.sub(p.mul(gradients[i]!).reshape([...this.batchShape, -1]).sum(-1));
    return entropy;
  }
}
