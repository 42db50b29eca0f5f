// Gradients that add up, gradients of vectors, and parts held constant.
import { onesLike, tensor } from 'adjoint';
import type { Case } from './case';

const AT = [0, 1, 2, 3];

const quadratic: Case = {
  title: 'A first gradient, and accumulation',
  text: ['y = 2⟨x, x⟩:  ∂y/∂x = 4x', 'a second backward adds to x.grad; x.grad.zero_() starts anew'],
  run() {
    const x = tensor(AT, { requiresGrad: true });
    x.dot(x).mul(2).backward();
    const first = x.grad!.tolist();
    x.sum().backward();
    const added = x.grad!.tolist();
    x.grad!.zero_();
    x.sum().backward();
    return [
      { what: '∂y/∂x', value: first, closed: AT.map((v) => 4 * v) },
      { what: 'after sum(x).backward()', value: added, closed: AT.map((v) => 4 * v + 1) },
      { what: 'after grad.zero_() and sum(x).backward()', value: x.grad!, closed: AT.map(() => 1) },
    ];
  },
};

const elementwise: Case = {
  title: 'Backward from a vector',
  text: ['y = x · x element by element: y.backward(v) gives vᵀ ∂y/∂x, for v = 1 the gradient of sum(y), 2x'],
  run() {
    const x = tensor(AT, { requiresGrad: true });
    const y = x.mul(x);
    y.backward({ gradient: onesLike(y) });
    const withGradient = x.grad!.tolist();
    x.grad = null;
    x.mul(x).sum().backward();
    return [
      { what: 'with gradient = 1', value: withGradient, closed: AT.map((v) => 2 * v) },
      { what: 'through sum()', value: x.grad!, closed: AT.map((v) => 2 * v) },
    ];
  },
};

const constant: Case = {
  title: 'Holding a part constant',
  text: ['z = u · x, u = x · x, with u detached:  ∂z/∂x = u, not 3x²'],
  run() {
    const x = tensor(AT, { requiresGrad: true });
    const y = x.mul(x);
    const u = y.detach();
    u.mul(x).sum().backward();
    const detached = x.grad!.tolist();
    x.grad = null;
    y.sum().backward();
    return [
      { what: '∂z/∂x', value: detached, closed: AT.map((v) => v * v) },
      { what: '∂y/∂x, still there', value: x.grad!, closed: AT.map((v) => 2 * v) },
    ];
  },
};

const freezing: Case = {
  title: 'Freezing parameters',
  text: ['y = b · (a · x): with a.requiresGrad = false only b gets a gradient, ∂y/∂b = a x; a.grad stays null'],
  run() {
    const a = tensor(3, { requiresGrad: true });
    const b = tensor(5, { requiresGrad: true });
    const x = tensor(2);
    a.requiresGrad = false;
    b.mul(a.mul(x)).backward();
    const frozen = a.grad === null ? 1 : 0;
    const atFirst = b.grad!.item();
    a.requiresGrad = true;
    b.mul(a.mul(x)).backward();
    return [
      { what: '∂y/∂b', value: atFirst, closed: 3 * 2 },
      { what: 'a.grad is null', value: frozen, closed: 1 },
      { what: '∂y/∂a once it is thawed', value: a.grad!, closed: 5 * 2 },
    ];
  },
};

/** Accumulation, vectors, constants, frozen parameters. */
export const sums: readonly Case[] = [quadratic, elementwise, constant, freezing];
