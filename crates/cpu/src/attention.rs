//! Attention on tensors.

use crate::dtype::unsupported;
use adjoint_kernels::attention::{self, Gradients, Mask, Matrices, Scores, Shape};
use adjoint_kernels::softmax::Exponential;
use adjoint_tensor::{Array, DType, Result};

/// The operands of an attention, all with the same leading sizes; strides are any, 0 included.
pub struct Operands<'a> {
    /// `[lead…, queries, width]`
    pub q: &'a Array,
    /// `[lead…, keys, width]`
    pub k: &'a Array,
    /// `[lead…, keys, value_width]`
    pub v: &'a Array,
    /// `[lead…, queries, keys]`: bools say which scores count, floats of the dtype of the queries
    /// are added.
    pub mask: Option<&'a Array>,
    /// Whether query i sees keys 0 to i only.
    pub causal: bool,
    /// The factor on products of queries and keys.
    pub scale: f64,
    /// The dtype that probabilities are rounded to, as [`Scores::rounds`].
    pub rounds: Option<DType>,
}

impl Operands<'_> {
    fn shape(&self) -> Shape<'_> {
        let [lead @ .., queries, width] = self.q.shape() else { panic!("attention: queries of fewer than 2 dims") };
        let [.., keys, value_width] = *self.v.shape() else { panic!("attention: values of fewer than 2 dims") };
        let fits = |x: &Array, rows: usize, columns: usize| matches!(x.shape(), [l @ .., m, n] if l == lead && *m == rows && *n == columns);
        assert!(
            fits(self.k, keys, *width)
                && fits(self.v, keys, value_width)
                && self.mask.is_none_or(|m| fits(m, *queries, keys)),
            "attention: shapes that do not go together"
        );
        Shape { lead, queries: *queries, keys, width: *width, value_width }
    }

    fn scores<T: Exponential>(&self) -> Scores<'_, T> {
        let mask = match self.mask {
            None => Mask::None,
            Some(m) if m.dtype() == DType::Bool => Mask::Keep(matrices(m)),
            Some(m) => Mask::Add(matrices(m)),
        };
        Scores {
            shape: self.shape(),
            q: matrices(self.q),
            k: matrices(self.k),
            mask,
            causal: self.causal,
            scale: T::from_f64(self.scale),
            rounds: self.rounds,
        }
    }

    fn check(&self, others: &[&Array]) -> Result<DType> {
        let dtype = self.q.dtype();
        let same = [self.k, self.v].iter().chain(others).all(|x| x.dtype() == dtype);
        assert!(same && self.mask.is_none_or(|m| m.dtype() == dtype || m.dtype() == DType::Bool), "attention: dtypes");
        match dtype {
            DType::Float32 | DType::Float64 => Ok(dtype),
            t => Err(unsupported(t)),
        }
    }
}

fn matrices<T>(x: &Array) -> Matrices<'_, *const T> {
    let [lead @ .., row, column] = x.strides() else { panic!("attention: a tensor of fewer than 2 dims") };
    Matrices { ptr: x.as_ptr().cast(), lead, row: *row, column: *column }
}

fn written<T>(x: &Array) -> Matrices<'_, *mut T> {
    let Matrices { lead, row, column, .. } = matrices::<T>(x);
    Matrices { ptr: x.as_mut_ptr().cast(), lead, row, column }
}

/// Writes the attention to `out`, `[lead…, queries, value_width]` of any strides, and the
/// logarithms of the sums of exponentials to `log_sums`, `[lead…, queries]`. See
/// [`attention::attention`].
///
/// # Panics
/// If shapes or dtypes do not go together, or an output's storage is an operand's.
pub fn attention(x: &Operands, out: &Array, log_sums: &mut Array) -> Result<()> {
    let shape = x.shape();
    let [lead @ .., queries, width] = out.shape() else { panic!("attention: an output of fewer than 2 dims") };
    assert!(lead == shape.lead && *queries == shape.queries && *width == shape.value_width);
    assert!(log_sums.numel() == shape.lead.iter().product::<usize>() * shape.queries);
    assert!([x.q, x.k, x.v].iter().all(|a| !a.shares_storage(out)) && !out.layout().has_internal_overlap());
    match x.check(&[out, log_sums])? {
        // SAFETY: layouts are inside their storages (an invariant of `Array`) and have the extents
        // of the shape; outputs are apart.
        DType::Float32 => unsafe {
            attention::attention::<f32>(&x.scores(), matrices(x.v), written(out), log_sums.as_mut_slice().as_mut_ptr());
        },
        // SAFETY: as above.
        _ => unsafe {
            attention::attention::<f64>(&x.scores(), matrices(x.v), written(out), log_sums.as_mut_slice().as_mut_ptr());
        },
    }
    Ok(())
}

/// Adds to `grads`, which are zeros of the shapes of queries, keys and values, the derivatives for
/// the gradient `g` of `out`. See [`attention::attention_backward`].
///
/// # Panics
/// As [`attention`].
pub fn attention_backward(
    x: &Operands,
    g: &Array,
    out: &Array,
    log_sums: &Array,
    grads: [Option<&Array>; 3],
) -> Result<()> {
    let shape = x.shape();
    assert!(g.shape() == out.shape() && log_sums.is_contiguous());
    assert!(log_sums.numel() == shape.lead.iter().product::<usize>() * shape.queries);
    for (grad, of) in grads.into_iter().zip([x.q, x.k, x.v]) {
        let apart = |d: &Array| [x.q, x.k, x.v, g, out].iter().all(|a| !a.shares_storage(d));
        assert!(grad.is_none_or(|d| d.shape() == of.shape() && apart(d) && !d.layout().has_internal_overlap()));
    }
    macro_rules! run {
        ($t:ty) => {{
            let [q, k, v] = grads.map(|d| d.map(written::<$t>));
            let log_sums = log_sums.as_slice::<$t>().as_ptr();
            let grads = Gradients { q, k, v };
            // SAFETY: as in `attention`; `g` and `out` have the shape of the result.
            unsafe {
                attention::attention_backward(&x.scores(), matrices(x.v), matrices(g), matrices(out), log_sums, &grads);
            }
        }};
    }
    let others: Vec<&Array> = grads.into_iter().flatten().chain([g, out, log_sums]).collect();
    match x.check(&others)? {
        DType::Float32 => run!(f32),
        _ => run!(f64),
    }
    Ok(())
}
