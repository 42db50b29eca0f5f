// What the networks need and the package may lack yet: using it then fails by name, and the bench says so and goes on.
import { nn, type Tensor } from 'adjoint';

declare class Layer extends nn.Module {
  override forward(x: Tensor): Tensor;
}

interface Pending {
  readonly Conv2d: new (inChannels: number, outChannels: number, kernelSize: number, options?: { padding?: number }) => Layer;
  readonly MaxPool2d: new (kernelSize: number) => Layer;
  readonly LayerNorm: new (shape: number) => Layer;
  readonly Embedding: new (count: number, width: number) => Layer;
  readonly GELU: new () => Layer;
  readonly functional: {
    readonly layerNorm: (x: Tensor, shape: readonly number[], weight: Tensor, bias: Tensor) => Tensor;
    readonly scaledDotProductAttention: (q: Tensor, k: Tensor, v: Tensor, options: { isCausal: boolean }) => Tensor;
  };
}

export const pending = nn as unknown as Pending;
