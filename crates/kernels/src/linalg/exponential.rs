//! `e^A` by scaling, a Taylor polynomial and squaring. Source: Higham, Functions of Matrices,
//! section 10.3; the polynomial is evaluated after Paterson and Stockmeyer, section 4.2 there.

use super::{add_scaled, multiply};
use crate::scratch;

/// The degree: with a norm of at most 1/2 what is left out is below `0.5¹⁷ / 17! = 2·10⁻²⁰`.
const DEGREE: usize = 16;

/// Overwrites an `n × n` matrix with its exponential; NaN where that is not finite. `None` where
/// there was no memory (see [`scratch`]).
pub fn exponential(a: &mut [f64], n: usize) -> Option<()> {
    let size = n * n;
    let columns = (0..n).map(|j| (0..n).map(|i| a[i * n + j].abs()).sum::<f64>());
    let norm = columns.fold(0.0f64, |m, sum| if sum > m || sum.is_nan() { sum } else { m });
    if !norm.is_finite() {
        a.fill(f64::NAN);
        return Some(());
    }
    // 2⁻ˢ times the norm is at most a half.
    let squarings = if norm > 0.5 { (norm.log2() + 1.0).ceil() as i32 } else { 0 };
    a.iter_mut().for_each(|v| *v *= 0.5f64.powi(squarings));
    let mut powers = scratch::filled(0.0, 4 * size)?;
    powers[..size].copy_from_slice(a);
    for i in 1..4 {
        let (known, next) = powers.split_at_mut(i * size);
        multiply(&known[(i - 1) * size..], a, &mut next[..size], n, n);
    }
    let mut coefficients = [1.0f64; DEGREE + 1];
    for k in 1..=DEGREE {
        coefficients[k] = coefficients[k - 1] / k as f64;
    }
    let (mut sum, mut next) = (scratch::filled(0.0, size)?, scratch::filled(0.0, size)?);
    for i in 0..n {
        sum[i * n + i] = coefficients[DEGREE];
    }
    for block in (0..DEGREE / 4).rev() {
        multiply(&sum, &powers[3 * size..], &mut next, n, n);
        std::mem::swap(&mut sum, &mut next);
        for power in 1..4 {
            add_scaled(coefficients[4 * block + power], &powers[(power - 1) * size..][..size], &mut sum);
        }
        for i in 0..n {
            sum[i * n + i] += coefficients[4 * block];
        }
    }
    for _ in 0..squarings {
        multiply(&sum, &sum, &mut next, n, n);
        std::mem::swap(&mut sum, &mut next);
    }
    a.copy_from_slice(&sum);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagonals_rotations_and_nilpotent_matrices_are_exact() {
        let mut a = [1.0, 0.0, 0.0, -30.0];
        exponential(&mut a, 2).unwrap();
        assert!((a[0] / 1f64.exp() - 1.0).abs() < 1e-13 && (a[3] / (-30f64).exp() - 1.0).abs() < 1e-13);
        let mut turn = [0.0, -2.0, 2.0, 0.0];
        exponential(&mut turn, 2).unwrap();
        assert!((turn[0] - 2f64.cos()).abs() < 1e-15 && (turn[2] - 2f64.sin()).abs() < 1e-15);
        let mut shift = [0.0, 3.0, 0.0, 0.0];
        exponential(&mut shift, 2).unwrap();
        assert_eq!(shift, [1.0, 3.0, 0.0, 1.0]);
        exponential(&mut [], 0).unwrap();
    }
}
