//! Products of matrices of samples: all at once, where one factor is the same for all as one tall
//! product, and else as a batch.

use adjoint_autograd::{Arrays, Call, Specs};
use adjoint_cpu::matmul::{self, Factor};
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, DType, Layout, Result};
use smallvec::smallvec;

/// What a product is added to, and the factors of both.
pub struct Onto<'a> {
    /// It broadcasts to the product; nothing to add where there is none.
    pub input: Option<&'a Array>,
    /// Its factor.
    pub beta: f64,
    /// The factor of the product.
    pub alpha: f64,
}

/// No more than the product.
pub const ALONE: Onto = Onto { input: None, beta: 0.0, alpha: 1.0 };

/// `beta · input + alpha · a · b` for every sample: of a `[m, k]` and b `[k, n]`, or of batches of
/// such. The result is `[m, n]`, or a batch. `None` for dtypes other than float32 and float64.
///
/// Where all samples share `b`, their rows are those of one product; else their matrices are a
/// batch.
pub fn product(a: &Array, b: &Array, onto: &Onto, all: &[BatchDim]) -> Result<Option<Array>> {
    let dtype = a.dtype();
    if !matches!(dtype, DType::Float32 | DType::Float64) {
        return Ok(None);
    }
    let rank = a.rank();
    let (k, n) = (a.shape()[rank - 1], b.shape()[rank - 1]);
    let mut shape = adjoint_tensor::Dims::from_slice(a.shape());
    shape[rank - 1] = n;
    let out = Array::batched(Layout::contiguous(&shape), dtype, all)?;
    let mut whole = out.physical(all, 0)?;
    drop(out);
    let beta = match onto.input {
        Some(input) => {
            whole.assign(&input.physical(all, rank)?)?;
            onto.beta
        }
        None => 0.0,
    };
    let left = a.physical(all, 0)?;
    if rank == 2 && !b.is_batched() && k > 0 {
        let rows = left.numel() / k;
        let left = match left.layout().view(&[rows, k]) {
            Some(layout) => left.with_layout(layout)?,
            None => left.copy(dtype)?.with_layout(Layout::contiguous(&[rows, k]))?,
        };
        matmul::multiply(onto.alpha, Factor::of(&left), Factor::of(b), beta, &mut whole)?;
    } else {
        matmul::batches(onto.alpha, &left, &b.physical(all, 0)?, beta, &mut whole)?;
    }
    all.iter().try_fold(whole, |x, dim| x.hide(0, dim.level)).map(Some)
}

/// The same elements in another shape of a sample; the array is fresh.
pub fn shaped(x: Array, shape: &[usize]) -> Result<Array> {
    let layout = Layout { offset: x.layout().offset, ..Layout::contiguous(shape) };
    x.with_layout(layout)
}

/// The rule of an op that multiplies its two inputs.
pub fn both(call: &Call, all: &[BatchDim], _: &Specs) -> Result<Option<Arrays>> {
    Ok(product(call.input(0), call.input(1), &ALONE, all)?.map(|out| smallvec![out]))
}
