//! `P A Pᵀ = L D Lᵀ` of symmetric matrices, D of blocks of one and two rows. Source: Bunch, Kaufman,
//! Some stable methods for calculating inertia and solving symmetric linear systems (1977); the form
//! of the factors and pivots is LAPACK's `sytrf` of the lower triangle.

use super::{add_scaled, two_rows};

/// Overwrites the lower triangle of an `n × n` matrix; above it nothing is read or written. A pivot
/// counts from 1 and is negative for both rows of a block of two. Returns 0, or the first diagonal
/// element of D, from 1, that is 0.
pub fn factor(a: &mut [f64], n: usize, pivots: &mut [i32]) -> i32 {
    // The threshold that bounds the growth of elements best, by section 4 of the source.
    let alpha = (1.0 + 17f64.sqrt()) / 8.0;
    let at = |i: usize, j: usize| i * n + j;
    let (mut zero, mut k) = (0, 0);
    while k < n {
        let (mut other, mut column) = (k, 0.0);
        for i in k + 1..n {
            if a[at(i, k)].abs() > column {
                (other, column) = (i, a[at(i, k)].abs());
            }
        }
        let here = a[at(k, k)].abs();
        let (mut chosen, mut size) = (k, 1);
        if here.max(column) == 0.0 {
            if zero == 0 {
                zero = k as i32 + 1;
            }
        } else if here < alpha * column {
            let left = (k..other).map(|j| a[at(other, j)].abs());
            let below = (other + 1..n).map(|i| a[at(i, other)].abs());
            let row = left.chain(below).fold(0.0, f64::max);
            if here < alpha * column * (column / row) {
                chosen = other;
                size = if a[at(other, other)].abs() >= alpha * row { 1 } else { 2 };
            }
        }
        let last = k + size - 1;
        if chosen != last {
            for i in chosen + 1..n {
                a.swap(at(i, last), at(i, chosen));
            }
            for j in last + 1..chosen {
                a.swap(at(j, last), at(chosen, j));
            }
            a.swap(at(last, last), at(chosen, chosen));
            if size == 2 {
                a.swap(at(k + 1, k), at(chosen, k));
            }
        }
        if size == 1 {
            single(a, n, k);
            pivots[k] = chosen as i32 + 1;
        } else {
            double(a, n, k);
            pivots[k..k + 2].fill(-(chosen as i32 + 1));
        }
        k += size;
    }
    zero
}

/// Takes the column of a pivot out of what is left.
fn single(a: &mut [f64], n: usize, k: usize) {
    let pivot = a[k * n + k];
    if pivot == 0.0 {
        return;
    }
    for j in k + 1..n {
        let factor = a[j * n + k] / pivot;
        for i in j..n {
            a[i * n + j] -= a[i * n + k] * factor;
        }
    }
    for i in k + 1..n {
        a[i * n + k] /= pivot;
    }
}

/// The same for a block of two.
fn double(a: &mut [f64], n: usize, k: usize) {
    let beside = a[(k + 1) * n + k];
    let (first, second) = (a[(k + 1) * n + k + 1] / beside, a[k * n + k] / beside);
    let scale = 1.0 / (first * second - 1.0) / beside;
    for j in k + 2..n {
        let (x, y) = (a[j * n + k], a[j * n + k + 1]);
        let (wx, wy) = (scale * (first * x - y), scale * (second * y - x));
        for i in j..n {
            a[i * n + j] -= a[i * n + k] * wx + a[i * n + k + 1] * wy;
        }
        (a[j * n + k], a[j * n + k + 1]) = (wx, wy);
    }
}

fn exchange(b: &mut [f64], width: usize, i: usize, j: usize) {
    if i != j && width > 0 {
        let (x, y) = two_rows(b, width, i.min(j), i.max(j));
        x.swap_with_slice(y);
    }
}

/// `row[i] ← row[i] + factor · row[j]` in a matrix with rows of `width`.
fn add_row(b: &mut [f64], width: usize, factor: f64, j: usize, i: usize) {
    if width == 0 {
        return;
    }
    let (x, y) = two_rows(b, width, i.min(j), i.max(j));
    if i < j { add_scaled(factor, y, x) } else { add_scaled(factor, x, y) }
}

/// `b ← A⁻¹ b` from the factors, for right-hand sides in the columns of `b`, whose rows have
/// `width` elements.
pub fn solve(a: &[f64], n: usize, pivots: &[i32], b: &mut [f64], width: usize) {
    let at = |i: usize, j: usize| a[i * n + j];
    let mut k = 0;
    while k < n {
        let chosen = pivots[k].unsigned_abs() as usize - 1;
        let size = if pivots[k] > 0 || k + 1 == n { 1 } else { 2 };
        exchange(b, width, k + size - 1, chosen);
        for i in k + size..n {
            for j in k..k + size {
                add_row(b, width, -at(i, j), j, i);
            }
        }
        if size == 1 {
            b[k * width..][..width].iter_mut().for_each(|v| *v /= at(k, k));
        } else if width > 0 {
            let beside = at(k + 1, k);
            let (first, second) = (at(k, k) / beside, at(k + 1, k + 1) / beside);
            let scale = first * second - 1.0;
            let (x, y) = two_rows(b, width, k, k + 1);
            for (x, y) in x.iter_mut().zip(y) {
                let (u, v) = (*x / beside, *y / beside);
                (*x, *y) = ((second * u - v) / scale, (first * v - u) / scale);
            }
        }
        k += size;
    }
    while k > 0 {
        let last = k - 1;
        let size = if pivots[last] > 0 || last == 0 { 1 } else { 2 };
        for j in k - size..k {
            for i in k..n {
                add_row(b, width, -at(i, j), i, j);
            }
        }
        exchange(b, width, last, pivots[last].unsigned_abs() as usize - 1);
        k -= size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::multiply;

    #[test]
    fn what_is_solved_gives_the_right_hand_side_back() {
        for n in [1, 2, 3, 6, 9] {
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                // A zero diagonal asks for blocks of two.
                for j in 0..i {
                    let v = ((i * 13 + j * 7) % 11) as f64 - 4.5;
                    (a[i * n + j], a[j * n + i]) = (v, v);
                }
            }
            if n == 1 {
                a[0] = 2.0;
            }
            if n % 2 == 1 {
                a[n * n - 1] = 3.0;
            }
            let b: Vec<f64> = (0..2 * n).map(|i| i as f64 - 2.0).collect();
            let (mut f, mut p, mut x) = (a.clone(), vec![0; n], b.clone());
            assert_eq!(factor(&mut f, n, &mut p), 0);
            solve(&f, n, &p, &mut x, 2);
            let mut back = vec![0.0; 2 * n];
            multiply(&a, &x, &mut back, n, 2);
            assert!(back.iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-10), "{n}: {back:?}");
        }
    }
}
