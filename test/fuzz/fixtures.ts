// What programs hand over that no data can state: instances of classes of the caller's own.
import * as adjoint from 'adjoint';
import { AutogradFunction, type Tensor, autograd, data, nn } from 'adjoint';

/** A function with a derivative of its own. */
class Twice extends AutogradFunction {
  static override forward(ctx: adjoint.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(2);
  }

  static override backward(_ctx: adjoint.FunctionCtx, gradient: Tensor): Tensor {
    return gradient.mul(2);
  }
}

class Squares extends data.Dataset<Tensor> {
  override get length(): number {
    return 3;
  }

  override get(index: number): Tensor {
    return adjoint.tensor([index * index]);
  }
}

class Residual extends nn.Module {
  readonly inner = new nn.Linear(2, 2);

  override forward(x: Tensor): Tensor {
    return this.inner.call(x).add(x);
  }
}

const cycle: unknown[] = [];
cycle.push(cycle);

/** Each is made anew where it is used. */
export const FIXTURES: Readonly<Record<string, () => unknown>> = {
  'a custom function': () => Twice,
  'a data set': () => new Squares(),
  'a module': () => new Residual(),
  'a class': () => autograd.Function,
  'an array that contains itself': () => cycle,
  'an object that throws when read': () => ({ get dim(): never { throw new CallbackError(); } }),
  'an object without toString': () => ({ toString: 1, valueOf: 1 }),
  'a proxy': () => new Proxy({}, {}),
};

/** What callbacks of the fuzzer throw, to be told from errors of the package. */
export class CallbackError extends Error {}
