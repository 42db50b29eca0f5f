//! Transposed convolutions in half precision.
//!
//! PyTorch's CPU kernels round the product of weights and pixels, summed over filters, and then
//! every addition of such products into a pixel. One sum that is rounded once is a unit of its
//! greatest element away.

use super::geometry::Geometry;
use crate::contract::matmul::matmul;
use crate::view::{contiguous::contiguous, narrow::narrow, reshape::reshape, transpose::transpose};
use adjoint_autograd::Tensor;
use adjoint_kernels::conv::{Along, add_columns};
use adjoint_kernels::dtype::{BF16, F16};
use adjoint_tensor::batch::{self, BatchDim};
use adjoint_tensor::{Array, DType, Dims, Layout, Result};

/// The axes of images, rows before columns, with those of their weights and results.
pub fn axes_of(geometry: &Geometry, size: [usize; 2], kernel: &[usize], output: &[usize]) -> [Along; 3] {
    let axis = |i: usize| Along {
        size: size[i],
        kernel: kernel[i],
        output: output[i],
        stride: geometry.stride[i],
        padding: geometry.padding[i],
        dilation: geometry.dilation[i],
    };
    [Along::POINT, axis(0), axis(1)]
}

/// The derivative of a convolution by its input, in a half dtype: g is `[N, F, …output]`, w `[F, C
/// / groups, …kernel]`, and the result, without history, `[N, C, …size]`. One image at a time is
/// multiplied, so that the columns of one are all the memory it takes.
pub fn by_columns(g: &Tensor, w: &Tensor, groups: usize, axes: [Along; 3]) -> Result<Tensor> {
    let samples = batch::union([g, w].map(|t| t.array().meta()).into_iter(), 1);
    if samples.is_empty() { of_one(g, w, groups, axes) } else { of_samples(g, w, groups, axes, &samples) }
}

/// The same for each of the samples of a `vmap`.
fn of_samples(g: &Tensor, w: &Tensor, groups: usize, axes: [Along; 3], samples: &[BatchDim]) -> Result<Tensor> {
    let shape = shape_of(g, w, groups, axes);
    let out = Array::batched(Layout::contiguous(&shape), g.dtype(), samples)?;
    batch::each_index(samples, |index| {
        let one = |t: &Tensor| t.array().sample(samples, index).map(Tensor::from_array);
        let made = of_one(&one(g)?, &one(w)?, groups, axes)?;
        out.sample(samples, index)?.assign(made.array())
    })?;
    Ok(Tensor::from_array(out))
}

fn shape_of(g: &Tensor, w: &Tensor, groups: usize, axes: [Along; 3]) -> Dims {
    let mut shape = Dims::from_slice(&[g.shape()[0], groups * w.shape()[1]]);
    shape.extend(axes[axes.len() + 2 - g.rank()..].iter().map(|axis| axis.size));
    shape
}

fn of_one(g: &Tensor, w: &Tensor, groups: usize, axes: [Along; 3]) -> Result<Tensor> {
    let ([batch, filters], each) = ([g.shape()[0], g.shape()[1]], w.shape()[1]);
    let count = |of: fn(&Along) -> usize| axes.iter().map(of).product::<usize>();
    let (taps, places, size) = (count(|axis| axis.kernel), count(|axis| axis.output), count(|axis| axis.size));
    let mut out = Array::empty(&shape_of(g, w, groups, axes), g.dtype())?;
    let weights = transpose(&reshape(w, &[groups, filters / groups, each * taps])?, 1, 2)?;
    let (length, g) = (groups * each * size, g.detach());
    for image in 0..batch {
        let terms = reshape(&narrow(&g, 0, image, 1)?, &[groups, filters / groups, places])?;
        let columns = contiguous(&matmul(&weights.detach(), &terms)?)?;
        let part = image * length..(image + 1) * length;
        if g.dtype() == DType::Float16 {
            let add = |a: F16, b: F16| F16::from_f32(a.to_f32() + b.to_f32());
            add_columns(columns.array().as_slice::<F16>(), axes, F16(0), &mut out.as_mut_slice()[part], add);
        } else {
            let add = |a: BF16, b: BF16| BF16::from_f32(a.to_f32() + b.to_f32());
            add_columns(columns.array().as_slice::<BF16>(), axes, BF16(0), &mut out.as_mut_slice()[part], add);
        }
    }
    Ok(Tensor::from_array(out))
}
