//! The greatest element of each window of volumes, whose windows are listed axis by axis.

use crate::exec::{Grain, Part, for_range};
use adjoint_simd::Scalar;

/// A window along one axis: the elements `start`, `start + step`, … before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// First element.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Steps between elements, at least 1.
    pub step: usize,
}

impl Reach {
    fn elements(&self) -> std::iter::StepBy<std::ops::Range<usize>> {
        (self.start..self.end).step_by(self.step)
    }
}

/// As [`super::max`], for volumes of size (depth, rows, columns) and windows listed for each axis.
///
/// **Errors**: panics when a window is outside the volume or a slice is not as long as the extents
/// say.
pub fn max_volume<T: Scalar>(
    volumes: usize,
    size: [usize; 3],
    windows: [&[Reach]; 3],
    x: &[T],
    y: &mut [T],
    at: &mut [i32],
) {
    let inside = |axis: usize| windows[axis].iter().all(|w| w.step > 0 && w.end <= size[axis]);
    assert!((0..3).all(inside), "pool: a window outside its volume");
    let [depth, rows, cols] = windows;
    let (elements, count) = (size.iter().product::<usize>(), depth.len() * rows.len() * cols.len());
    assert!(x.len() == volumes * elements && y.len() == volumes * count && at.len() == y.len(), "pool: lengths");
    if count == 0 {
        return;
    }
    let (y, at) = (Part::new(y), Part::new(at));
    for_range(volumes, Grain::of(2 * elements), &(y, at), |volumes| {
        let results = volumes.start * count..volumes.end * count;
        // SAFETY: volumes are apart.
        let (y, at) = unsafe { (y.slice(results.clone()), at.slice(results)) };
        let mut out = 0;
        for volume in volumes {
            let x = &x[volume * elements..][..elements];
            for d in depth {
                for r in rows {
                    for c in cols {
                        (y[out], at[out]) = greatest(x, size, [d, r, c]);
                        out += 1;
                    }
                }
            }
        }
    });
}

#[inline(always)]
fn greatest<T: Scalar>(x: &[T], [_, height, width]: [usize; 3], [d, r, c]: [&Reach; 3]) -> (T, i32) {
    let (mut best, mut place) = (-T::INFINITY, -1);
    for d in d.elements() {
        for r in r.elements() {
            let row = (d * height + r) * width;
            for c in c.elements() {
                let v = x[row + c];
                if place < 0 || v > best || v.is_nan() {
                    (best, place) = (v, (row + c) as i32);
                }
            }
        }
    }
    (best, place)
}
