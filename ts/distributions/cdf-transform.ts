// The transform by the cdf of a distribution.
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import * as constraints from './constraint';
import type { Constraint } from './constraint';
import type { Distribution } from './distribution';
import { Transform, cacheSize } from './transform';
import { distribution } from './transformed';

interface CdfArguments {
  distribution: Distribution;
  cacheSize?: number;
}
const CDF = /* @__PURE__ */ parameters<CdfArguments>('CumulativeDistributionTransform', () => ({ distribution, cacheSize: cacheSize() }));

/** `y = cdf(x)` of a distribution: uniform where `x` is distributed so. */
export class CumulativeDistributionTransform extends Transform {
  /** @internal */
  static readonly _parameters = CDF;
  readonly distribution: Distribution;
  constructor(...args: Arguments<CdfArguments, ['distribution', 'cacheSize']>) {
    const { distribution: given, cacheSize: size } = CDF.read(args);
    super(size);
    this.distribution = given;
  }
  override get domain(): Constraint {
    return this.distribution.support;
  }
  override get codomain(): Constraint {
    return constraints.unitInterval;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number {
    return 1;
  }
  override _call(x: Tensor): Tensor {
    return this.distribution.cdf(x);
  }
  override _inverse(y: Tensor): Tensor {
    return this.distribution.icdf(y);
  }
  override _logDet(x: Tensor): Tensor {
    return this.distribution.logProb(x);
  }
}
