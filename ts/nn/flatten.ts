// Joining dims, as a module.
import { flatten } from '../generated/functions';
import { integer } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';

/** Which dims `Flatten` joins. */
export interface FlattenOptions {
  /** The first; 1 by default, which spares the batch. */
  startDim?: number;
  /** The last; −1 by default. */
  endDim?: number;
}

const FLATTEN = /* @__PURE__ */ parameters<FlattenOptions>('Flatten', () => ({ startDim: integer.or(1), endDim: integer.or(-1) }));

/** Joins the dims from `startDim` to `endDim` into one. */
export class Flatten extends Module {
  /** @internal */
  static readonly _parameters = FLATTEN;
  readonly startDim: number;
  readonly endDim: number;

  constructor(...args: Arguments<FlattenOptions, ['startDim', 'endDim']>) {
    super();
    ({ startDim: this.startDim, endDim: this.endDim } = FLATTEN.read(args));
  }

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return flatten(input, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `startDim=${this.startDim}, endDim=${this.endDim}`;
  }
}
