//! Distances between rows by kernels that keep no differences, for the orders that are common.

use adjoint_cpu::floats;
use adjoint_kernels::reduce::{self, Distance, Pairs};
use adjoint_tensor::{Array, DType, Result};

/// What the kernels compute in place of the norm of order `p` of differences, where they do.
pub fn kind(p: f64, dtype: DType) -> Option<Distance> {
    if !matches!(dtype, DType::Float32 | DType::Float64) {
        return None;
    }
    [(1.0, Distance::One), (2.0, Distance::Two), (3.0, Distance::Three)].into_iter().find(|k| k.0 == p).map(|k| k.1)
}

/// The distances of pairs of rows of contiguous arrays.
pub fn distances(x: &Array, y: &Array, pairs: Pairs, kind: Distance, out: &mut Array) -> Result<()> {
    // No power is taken of a single element, which it could take beyond the dtype's range.
    let kind = if pairs.width == 1 { Distance::One } else { kind };
    floats!(x.dtype(), T => reduce::distances(x.as_slice::<T>(), y.as_slice(), pairs, kind, out.as_mut_slice()));
    Ok(())
}

/// `g` divided by the power of the distance that its gradient has; 0 at a distance of 0.
pub fn scales(g: &Array, distance: &Array, kind: Distance) -> Result<Array> {
    let (g, distance) = (g.contiguous()?, distance.contiguous()?);
    if kind == Distance::One {
        return Ok(g);
    }
    let mut out = Array::empty(g.shape(), g.dtype())?;
    floats!(g.dtype(), T => {
        let pairs = g.as_slice::<T>().iter().zip(distance.as_slice::<T>());
        for (out, (&g, &d)) in out.as_mut_slice::<T>().iter_mut().zip(pairs) {
            let power = if kind == Distance::Two { d } else { d * d };
            *out = if d == 0.0 { 0.0 } else { g / power };
        }
    });
    Ok(out)
}

/// The gradient of `x` from the scales of the pairs, of which `place` says where each is.
pub fn gradient(
    x: &Array,
    y: &Array,
    pairs: Pairs,
    kind: Distance,
    scales: &Array,
    place: impl Fn(usize, usize, usize) -> usize + Sync,
) -> Result<Array> {
    let mut out = Array::empty(x.shape(), x.dtype())?;
    floats!(x.dtype(), T => {
        let (x, y, scales) = (x.as_slice::<T>(), y.as_slice::<T>(), scales.as_slice::<T>());
        reduce::distance_gradient(x, y, pairs, kind, scales, &place, out.as_mut_slice::<T>());
    });
    Ok(out)
}
