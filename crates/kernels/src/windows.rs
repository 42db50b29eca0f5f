//! Windows along one axis of a tensor seen as `[outer, axis, inner]`: their elements side by side,
//! weighted sums over them, and the transpose of each.

use crate::exec::{Grain, Part, for_range};
use adjoint_simd::Scalar;

/// Windows of one size at equal distances; they may overlap, and reach past the ends, where there
/// are zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Windows.
    pub count: usize,
    /// Elements of a window.
    pub size: usize,
    /// Steps between windows.
    pub step: usize,
    /// Steps between the elements of a window.
    pub dilation: usize,
    /// How far the first window begins before the axis.
    pub padding: usize,
}

impl Windows {
    /// Where on an axis of `n` element `k` of window `i` is; `None` beyond its ends.
    #[inline(always)]
    fn place(&self, i: usize, k: usize, n: usize) -> Option<usize> {
        (i * self.step + k * self.dilation).checked_sub(self.padding).filter(|&at| at < n)
    }
}

/// A window and where it begins; as many weights as it has elements follow those of the window
/// before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighted {
    /// First element.
    pub start: usize,
    /// Elements.
    pub size: usize,
}

/// An element type of which there are windows. The loops are compiled with this crate: generic ones
/// would be compiled again in each crate that calls them.
pub trait Windowed: Scalar {
    /// The elements of windows side by side: `y[o, i, k, c] = x[o, i·step + k·dilation − padding,
    /// c]`, or 0 outside.
    ///
    /// **Errors**: panics when a slice is not as long as the extents say; so do all of these.
    fn unfold(extents: [usize; 3], windows: &Windows, x: &[Self], y: &mut [Self]);
    /// Its transpose: `dx[o, …, c]` is the sum of the elements of `g` that come from there.
    fn fold(extents: [usize; 3], windows: &Windows, g: &[Self], dx: &mut [Self]);
    /// Weighted sums over windows: `y[o, i, c] = Σ weight[i, k] · x[o, start[i] + k, c]`.
    fn sums(extents: [usize; 3], windows: &[Weighted], weights: &[Self], x: &[Self], y: &mut [Self]);
    /// Its transpose.
    fn spread(extents: [usize; 3], windows: &[Weighted], weights: &[Self], g: &[Self], dx: &mut [Self]);
}

macro_rules! windowed {
    ($t:ty) => {
        impl Windowed for $t {
            fn unfold(extents: [usize; 3], windows: &Windows, x: &[Self], y: &mut [Self]) {
                unfold(extents, windows, x, y);
            }
            fn fold(extents: [usize; 3], windows: &Windows, g: &[Self], dx: &mut [Self]) {
                fold(extents, windows, g, dx);
            }
            fn sums(extents: [usize; 3], windows: &[Weighted], weights: &[Self], x: &[Self], y: &mut [Self]) {
                sums(extents, windows, weights, x, y);
            }
            fn spread(extents: [usize; 3], windows: &[Weighted], weights: &[Self], g: &[Self], dx: &mut [Self]) {
                spread(extents, windows, weights, g, dx);
            }
        }
    };
}

windowed!(f32);
windowed!(f64);

fn unfold<T: Scalar>([outer, n, inner]: [usize; 3], windows: &Windows, x: &[T], y: &mut [T]) {
    let all = windows.count * windows.size * inner;
    assert!(x.len() == outer * n * inner && y.len() == outer * all, "windows: lengths");
    if y.is_empty() {
        return;
    }
    let y = Part::new(y);
    for_range(outer, Grain::of(all), &y, |range| {
        // SAFETY: the windows of one outer index are apart from those of another.
        let y = unsafe { y.slice(range.start * all..range.end * all) };
        for (o, y) in range.zip(y.chunks_exact_mut(all)) {
            let x = &x[o * n * inner..][..n * inner];
            for (i, y) in y.chunks_exact_mut(windows.size * inner).enumerate() {
                for (k, y) in y.chunks_exact_mut(inner).enumerate() {
                    match windows.place(i, k, n) {
                        Some(at) => y.copy_from_slice(&x[at * inner..][..inner]),
                        None => y.fill(T::ZERO),
                    }
                }
            }
        }
    });
}

fn fold<T: Scalar>([outer, n, inner]: [usize; 3], windows: &Windows, g: &[T], dx: &mut [T]) {
    let all = windows.count * windows.size * inner;
    assert!(dx.len() == outer * n * inner && g.len() == outer * all, "windows: lengths");
    dx.fill(T::ZERO);
    if g.is_empty() || dx.is_empty() {
        return;
    }
    let dx = Part::new(dx);
    for_range(outer, Grain::of(2 * all), &dx, |range| {
        // SAFETY: the axes of outer indices are apart.
        let dx = unsafe { dx.slice(range.start * n * inner..range.end * n * inner) };
        dx.fill(T::ZERO);
        for (o, dx) in range.zip(dx.chunks_exact_mut(n * inner)) {
            let g = &g[o * all..][..all];
            for (i, g) in g.chunks_exact(windows.size * inner).enumerate() {
                for (k, g) in g.chunks_exact(inner).enumerate() {
                    let Some(at) = windows.place(i, k, n) else { continue };
                    for (to, &g) in dx[at * inner..][..inner].iter_mut().zip(g) {
                        *to = *to + g;
                    }
                }
            }
        }
    });
}

fn check(n: usize, windows: &[Weighted], weights: usize) {
    assert!(windows.iter().all(|w| w.start + w.size <= n), "windows: one beyond its axis");
    assert_eq!(windows.iter().map(|w| w.size).sum::<usize>(), weights, "windows: weights");
}

fn sums<T: Scalar>([outer, n, inner]: [usize; 3], windows: &[Weighted], weights: &[T], x: &[T], y: &mut [T]) {
    check(n, windows, weights.len());
    let all = windows.len() * inner;
    assert!(x.len() == outer * n * inner && y.len() == outer * all, "windows: lengths");
    if y.is_empty() {
        return;
    }
    let y = Part::new(y);
    for_range(outer, Grain::of(2 * weights.len() * inner), &y, |range| {
        // SAFETY: the sums of one outer index are apart from those of another.
        let y = unsafe { y.slice(range.start * all..range.end * all) };
        for (o, y) in range.zip(y.chunks_exact_mut(all)) {
            let x = &x[o * n * inner..][..n * inner];
            let mut weights = weights;
            for (w, y) in windows.iter().zip(y.chunks_exact_mut(inner)) {
                let (own, rest) = weights.split_at(w.size);
                weights = rest;
                let x = &x[w.start * inner..][..w.size * inner];
                if let [y] = y {
                    *y = own.iter().zip(x).fold(T::ZERO, |sum, (&w, &x)| sum + w * x);
                    continue;
                }
                y.fill(T::ZERO);
                for (&w, x) in own.iter().zip(x.chunks_exact(inner)) {
                    for (y, &x) in y.iter_mut().zip(x) {
                        *y = *y + w * x;
                    }
                }
            }
        }
    });
}

fn spread<T: Scalar>([outer, n, inner]: [usize; 3], windows: &[Weighted], weights: &[T], g: &[T], dx: &mut [T]) {
    check(n, windows, weights.len());
    let all = windows.len() * inner;
    assert!(dx.len() == outer * n * inner && g.len() == outer * all, "windows: lengths");
    dx.fill(T::ZERO);
    if g.is_empty() || dx.is_empty() {
        return;
    }
    let dx = Part::new(dx);
    for_range(outer, Grain::of(2 * weights.len() * inner), &dx, |range| {
        // SAFETY: the axes of outer indices are apart.
        let dx = unsafe { dx.slice(range.start * n * inner..range.end * n * inner) };
        dx.fill(T::ZERO);
        for (o, dx) in range.zip(dx.chunks_exact_mut(n * inner)) {
            let g = &g[o * all..][..all];
            let mut weights = weights;
            for (w, g) in windows.iter().zip(g.chunks_exact(inner)) {
                let (own, rest) = weights.split_at(w.size);
                weights = rest;
                let dx = &mut dx[w.start * inner..][..w.size * inner];
                for (&w, dx) in own.iter().zip(dx.chunks_exact_mut(inner)) {
                    for (to, &g) in dx.iter_mut().zip(g) {
                        *to = *to + w * g;
                    }
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_may_overlap_and_reach_past_the_ends() {
        let windows = Windows { count: 3, size: 2, step: 2, dilation: 2, padding: 1 };
        let mut y = [9.0f64; 6];
        f64::unfold([1, 4, 1], &windows, &[1.0, 2.0, 3.0, 4.0], &mut y);
        assert_eq!(y, [0.0, 2.0, 2.0, 4.0, 4.0, 0.0]);
        let mut dx = [9.0f64; 4];
        f64::fold([1, 4, 1], &windows, &y, &mut dx);
        assert_eq!(dx, [0.0, 4.0, 0.0, 8.0]);
    }

    #[test]
    fn sums_are_weighted() {
        let windows = [Weighted { start: 0, size: 2 }, Weighted { start: 2, size: 1 }];
        let (weights, mut y) = ([0.5, 0.25, 2.0], [9.0f32; 4]);
        f32::sums([1, 3, 2], &windows, &weights, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut y);
        assert_eq!(y, [1.25, 2.0, 10.0, 12.0]);
        let mut dx = [9.0f32; 6];
        f32::spread([1, 3, 2], &windows, &weights, &y, &mut dx);
        assert_eq!(dx, [0.625, 1.0, 0.3125, 0.5, 20.0, 24.0]);
    }
}
