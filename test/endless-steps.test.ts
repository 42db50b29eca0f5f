// Functions that take as many steps as an argument says: for a large one a call would not return.
import { OutOfMemoryError, mvlgamma, special, tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

describe('a number of steps without end is refused', () => {
  const x = tensor([0.5, 1.5]);
  const families = ['laguerrePolynomialL', 'legendrePolynomialP', 'hermitePolynomialH', 'hermitePolynomialHe'] as const;
  it.each(families)('special.%s', (name) => {
    expect(() => special[name](tensor([0.25]), 0.5)).not.toThrow();
    // Hermite's grow until they are NaN, which ends them.
    if (name.startsWith('hermite')) expect(special[name](x, 2 ** 40).isnan().all().item()).toBe(true);
    else expect(() => special[name](tensor([0.25]), 2 ** 40)).toThrow(`${name}: a degree of 1099511627776 takes as many steps; expected at most 16777216`);
  });

  it('special.chebyshevPolynomialT, but for angles', () => {
    expect(() => special.chebyshevPolynomialT(tensor([1 + 2 ** -50], { dtype: 'float64' }), 2 ** 40)).toThrow(/takes as many steps/);
    expect(special.chebyshevPolynomialT(tensor([0.5], { dtype: 'float64' }), 6 * 2 ** 30).item()).toBeCloseTo(1, 4);
  });

  it('mvlgamma', () => {
    expect(() => mvlgamma(x, 2 ** 31 - 1)).toThrow(OutOfMemoryError);
    expect(() => mvlgamma(x, 2 ** 40)).toThrow(/mvlgamma/);
    expect(mvlgamma(tensor([5]), 3).item()).toBeCloseTo(Math.log(Math.PI) * 1.5 + Math.log(24) + Math.log(11.6317283965674) + Math.log(6), 4);
  });
});
