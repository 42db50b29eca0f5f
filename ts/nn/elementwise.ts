// What modules have in common that apply one function without options to each element.
import { boolean } from '../core/kinds';
import { parameters, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { INPUT } from './inputs';
import { Module } from './module';

/** The option of activations that can write their input. */
export interface InplaceOptions {
  /** Whether x is written and returned; false by default. */
  inplace?: boolean;
}

/** A parameter list of `inplace` alone. */
export function inplaceOnly(where: string): ParameterList<InplaceOptions> {
  return parameters<InplaceOptions>(where, () => ({ inplace: boolean.or(false) }));
}

/** A parameter list of nothing. */
export function noParameters(where: string): ParameterList<object> {
  return parameters<object>(where, () => ({}));
}

/** What follows other options in a representation. */
export function inplaceRepr(inplace: boolean): string {
  return inplace ? ', inplace=true' : '';
}

const WRITING = { inplace: true } as const;

/** A function of each element with an in-place form and no other option. */
export abstract class InplaceActivation extends Module {
  readonly inplace: boolean;

  constructor(of: ParameterList<InplaceOptions>, args: readonly unknown[]) {
    super();
    this.inplace = of.read(args).inplace;
  }

  /** The function; given an object it writes the input. */
  protected abstract get run(): (input: Tensor, writing?: typeof WRITING) => Tensor;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    // Without arguments by name the call is found at once.
    return this.inplace ? this.run(input, WRITING) : this.run(input);
  }

  override extraRepr(): string {
    return this.inplace ? 'inplace=true' : '';
  }
}

/** A function of the input without any option. */
export abstract class PlainActivation extends Module {
  constructor(of: ParameterList<object>, args: readonly unknown[]) {
    super();
    of.read(args);
  }

  /** The function. */
  protected abstract get run(): (input: Tensor) => Tensor;

  /** @internal */
  get _inputs(): typeof INPUT {
    return INPUT;
  }

  override forward(input: Tensor): Tensor {
    return this.run(input);
  }
}
