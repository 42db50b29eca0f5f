// The loss around a network's parameters, over a plane through them.
//
// Source: Li, Xu, Taylor, Studer and Goldstein, "Visualizing the Loss Landscape of Neural Nets" (2018): directions are drawn from a normal
// distribution, and each row of a matrix is scaled to the length of that row of the parameters; biases stay where they are.
import type { Tensor } from 'adjoint';
import type { Library } from './stepper/call';

/** A direction as long as the parameters, row by row. */
function direction({ randnLike }: Library, parameters: readonly Tensor[]): Tensor[] {
  return parameters.map((p) => {
    if (p.dim() < 2) return p.mul(0);
    const d = randnLike(p);
    const length = (t: Tensor): Tensor => t.square().sum(1, true).sqrt();
    return d.mul(length(p).div(length(d)));
  });
}

/**
 * `side` by `side` losses, row by row: parameters moved by −1 to 1 along a second direction from row to row, and along a first one within a
 * row. The parameters are what they were afterwards.
 */
export function landscape(library: Library, parameters: readonly Tensor[], loss: () => Tensor, side: number, seed: number): Float32Array {
  const losses = new Float32Array(side * side);
  const { manualSeed, noGrad, scope } = library;
  scope(() => noGrad(() => {
    manualSeed(seed);
    const before = parameters.map((p) => p.clone());
    const [along, across] = [direction(library, before), direction(library, before)];
    const at = (i: number): number => (2 * i) / (side - 1) - 1;
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        scope(() => {
          parameters.forEach((p, k) => p.copy_(before[k]!.add(along[k]!.mul(at(column))).add(across[k]!.mul(at(row)))));
          losses[row * side + column] = loss().item();
        });
      }
    }
    parameters.forEach((p, k) => p.copy_(before[k]!));
  }));
  return losses;
}
