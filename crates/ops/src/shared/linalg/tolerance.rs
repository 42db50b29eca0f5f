//! Which singular values count as 0: tolerances by number or by tensor.

use super::{floating, lead, matrices};
use adjoint_autograd::{Arg, Call, Default, Facts, Kind};
use adjoint_kernels::linalg::singular::{self, Vectors};
use adjoint_kernels::linalg::{symmetric, transpose};
use adjoint_tensor::{Array, DType, Error, Result, dims, scratch};

/// The absolute tolerance.
pub const ATOL: Arg = Arg::optional("atol", Kind::TensorOrNumber, Default::None);
/// The tolerance as a part of the largest singular value.
pub const RTOL: Arg = Arg::optional("rtol", Kind::TensorOrNumber, Default::None);
/// Whether the matrix is symmetric.
pub const HERMITIAN: Arg = Arg::optional("hermitian", Kind::Bool, Default::Bool(false));
/// A matrix with both.
pub const TOLERANCES: &[Arg] = &[Arg::tensor("A"), ATOL, RTOL, HERMITIAN];

/// Fails where tolerances do not broadcast with the matrices, or a symmetric matrix is not square.
pub fn check(call: &Facts) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    if call.attrs.get_bool(0) && m != n {
        super::square("A", a)?;
    }
    for (i, name) in [(1, "atol"), (2, "rtol")] {
        let Some(given) = call.given(i) else { continue };
        let front = lead(a.shape());
        if *dims::broadcast(front, given.shape())? != *front {
            return Err(Error::shape(format!(
                "{name} of shape {:?} does not broadcast to {front:?}, the dims in front of the matrices",
                given.shape()
            )));
        }
        if given.dtype() == DType::Bool {
            floating(name, given.dtype())?;
        }
    }
    Ok(())
}

/// What [`spectra`] has found of one matrix.
pub struct Parts<'a> {
    /// U, m rows of k.
    pub u: &'a [f64],
    /// Singular values, or eigenvalues with their signs.
    pub s: &'a [f64],
    /// Vᵀ, k rows of n.
    pub vt: &'a [f64],
    /// What is not above it counts as 0.
    pub cutoff: f64,
}

fn spread(x: &Array, shape: &[usize]) -> Result<Vec<f64>> {
    x.with_layout(x.layout().expand(shape)?)?.to_vec_f64()
}

/// Calls `f` with the singular values of each matrix, or of symmetric ones with the eigenvalues.
pub fn spectra(call: &Call, mut f: impl FnMut(usize, Parts)) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let (k, front) = (m.min(n), lead(a.shape()));
    let epsilon = if a.dtype() == DType::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let atol = call.given(1).map(|t| spread(t, front)).transpose()?;
    let rtol = call.given(2).map(|t| spread(t, front)).transpose()?;
    let mut values = a.to_vec_f64()?;
    let (mut s, mut u, mut vt) = (scratch::filled(0.0, k)?, scratch::filled(0.0, m * k)?, scratch::filled(0.0, k * n)?);
    for i in 0..front.iter().product() {
        let a = &mut values[i * m * n..][..m * n];
        let good = if call.attrs.get_bool(0) {
            for row in 0..n {
                for column in 0..row {
                    a[column * n + row] = a[row * n + column];
                }
            }
            let good = symmetric::decompose(a, n, &mut s);
            vt.copy_from_slice(a);
            transpose(a, n, n, &mut u);
            good
        } else {
            singular::decompose(a, m, n, Vectors::Reduced, &mut s, &mut u, &mut vt)
        };
        if !good {
            scratch::check_kernels()?;
            return Err(Error::usage(
                "the algorithm failed to converge because the input matrix contained non-finite values",
            ));
        }
        let absolute = atol.as_ref().map_or(0.0, |t| t[i]);
        let relative = match &rtol {
            Some(t) => t[i],
            None if absolute > 0.0 => 0.0,
            None => epsilon * m.max(n) as f64,
        };
        let largest = s.iter().fold(0.0f64, |most, v| most.max(v.abs()));
        f(i, Parts { u: &u, s: &s, vt: &vt, cutoff: absolute.max(relative * largest) });
    }
    Ok(())
}
