// Joining dims, as a module.
import { withDefaults, type Suffix } from '../options';
import type { Tensor } from '../tensor';
import { Module } from './module';

/** Which dims `Flatten` joins. */
export interface FlattenOptions {
  /** The first; 1 by default, which spares the batch. */
  startDim: number;
  /** The last; −1 by default. */
  endDim: number;
}

/** Joins the dims from `startDim` to `endDim` into one. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(...args: Suffix<FlattenOptions, ['startDim', 'endDim']>) {
    super();
    const defaults: FlattenOptions = { startDim: 1, endDim: -1 };
    ({ startDim: this.startDim, endDim: this.endDim } = withDefaults('Flatten', defaults, ['startDim', 'endDim'], args));
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `startDim=${this.startDim}, endDim=${this.endDim}`;
  }
}
