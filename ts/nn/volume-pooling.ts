// Modules that pool windows of volumes.
import { adaptiveAvgPool3d, avgPool3d, maxPool3d } from '../generated/functional';
import { integer } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';
import {
  AVG,
  AvgPool,
  MAX,
  MaxPool,
  adapted,
  adaptiveSizes,
  type AdaptiveSizes,
  type AvgPool2dArguments,
  type MaxOrder,
  type MaxPoolArguments,
} from './pooling';

const MAX_POOL3D = /* @__PURE__ */ parameters('MaxPool3d', MAX);

/** The greatest element of each window of volumes, x `[N, C, D, H, W]` or `[C, D, H, W]`; otherwise as {@link MaxPool2d}. */
export class MaxPool3d extends MaxPool {
  /** @internal */
  static readonly _parameters = MAX_POOL3D;

  constructor(...args: Arguments<MaxPoolArguments, MaxOrder>) {
    super(MAX_POOL3D, args);
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    if (!this.returnIndices) return maxPool3d(input, kernelSize, stride, padding, dilation, ceilMode);
    return maxPool3d(input, kernelSize, stride, padding, dilation, ceilMode, true) as unknown as Tensor;
  }
}

const AVG_POOL3D = /* @__PURE__ */ parameters<AvgPool2dArguments>('AvgPool3d', () => ({ ...AVG(), divisorOverride: integer.orNull() }));

/** The mean over each window of volumes. **Shapes**: x `[N, C, D, H, W]` or `[C, D, H, W]`; see `nn.functional.avgPool3d`. */
export class AvgPool3d extends AvgPool {
  /** @internal */
  static readonly _parameters = AVG_POOL3D;
  readonly divisorOverride: number | null;

  constructor(...args: Arguments<AvgPool2dArguments, ['kernelSize', 'stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride']>) {
    const options = AVG_POOL3D.read(args);
    super(options);
    this.divisorOverride = options.divisorOverride;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return avgPool3d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad, this.divisorOverride);
  }
}

const ADAPTIVE_AVG_POOL3D = /* @__PURE__ */ parameters<{ outputSize: AdaptiveSizes }>('AdaptiveAvgPool3d', () => ({ outputSize: adaptiveSizes }));

/** The means over windows that cover volumes evenly, as many as `outputSize` says; null keeps the size of that axis. */
export class AdaptiveAvgPool3d extends Module {
  /** @internal */
  static readonly _parameters = ADAPTIVE_AVG_POOL3D;
  readonly outputSize: AdaptiveSizes;

  constructor(...args: Arguments<{ outputSize: AdaptiveSizes }, ['outputSize']>) {
    super();
    this.outputSize = ADAPTIVE_AVG_POOL3D.read(args).outputSize;
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool3d(input, adapted('AdaptiveAvgPool3d', this.outputSize, 3, input));
  }

  override extraRepr(): string {
    const { outputSize } = this;
    return `outputSize=${Array.isArray(outputSize) ? `[${outputSize.map(String).join(', ')}]` : String(outputSize)}`;
  }
}
