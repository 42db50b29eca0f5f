//! Products of numbers of a narrower type, rounded to it at every step.

use super::Axis;

/// Accumulators of a long row, a vector each.
const WIDE: usize = 4;
/// Lanes of a vector: halves in 256 bits.
const LANES: usize = 16;

/// The product over the axis, where `round` brings each partial product to the numbers of a type of
/// 16 bits, in the order of PyTorch's loops: one after the other, and along a long row in four
/// vectors of sixteen lanes side by side.
///
/// Source of the order: PyTorch, `vectorized_inner_reduction` and `vectorized_outer_reduction` in
/// `aten/src/ATen/native/cpu/Reduce.h`, with vectors of 256 bits.
///
/// **Shapes**: x is `[outer, n, inner]`, out `[outer, inner]`.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn prod_stepwise(x: &[f32], axis: Axis, round: impl Fn(f32) -> f32, out: &mut [f32]) {
    axis.check_full(x.len());
    axis.check_reduced(out.len());
    let Axis { n, inner, .. } = axis;
    let times = |a: f32, b: f32| round(a * b);
    for (at, y) in out.iter_mut().enumerate() {
        let (o, c) = (at / inner, at % inner);
        let lane = |i: usize| x[(o * n + i) * inner + c];
        *y = 1.0;
        let mut from = 0;
        if inner == 1 && n >= WIDE * LANES {
            from = n - n % (WIDE * LANES);
            let mut sums = [1.0; WIDE * LANES];
            for i in 0..from {
                let sum = &mut sums[i % (WIDE * LANES)];
                *sum = times(*sum, lane(i));
            }
            let across = |l: usize| {
                let [a, b, c, d] = [0, 1, 2, 3].map(|k| sums[k * LANES + l]);
                times(times(a, b), times(c, d))
            };
            *y = (1..LANES).fold(across(0), |product, l| times(product, across(l)));
        }
        *y = (from..n).fold(*y, |product, i| times(product, lane(i)));
    }
}
