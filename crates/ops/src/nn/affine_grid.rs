//! The places that affine maps send the pixels of an image to.

use crate::contract::matmul::matmul;
use crate::create::{full::full, linspace::linspace};
use crate::elementwise::mul::mul;
use crate::invoke::number;
use crate::shared::view::samples::{call, fails, ints};
use crate::view::{expand::expand, reshape::reshape, stack::stack, transpose::transpose};
use adjoint_autograd::op::{Default, Outputs};
use adjoint_autograd::{Api, Arg, Attr, Attrs, Body, Kind, OpDef, Tensor, required};
use adjoint_tensor::{Code, DType, Dims, Error, Result};
use smallvec::{SmallVec, smallvec};

/// The coordinates of `n` pixels in a row that reaches from −1 to 1.
fn line(n: usize, aligned: bool, dtype: DType) -> Result<Tensor> {
    if n <= 1 {
        return full(&[n], 0.0, dtype);
    }
    let line = linspace(-1.0, 1.0, n, dtype)?;
    if aligned { Ok(line) } else { mul(&line, &number((n - 1) as f64 / n as f64)?) }
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let theta = required(inputs, 0);
    let (size, aligned) = (attrs.get_ints(0)?, attrs.get_bool(1));
    if !theta.dtype().is_float() {
        let dtype = theta.dtype().name();
        return Err(Error::dtype(format!("expected a floating-point theta, got {dtype}; cast with to('float32')")));
    }
    let dims = size.len().saturating_sub(2);
    if !(2..=3).contains(&dims) || size.iter().any(|&n| !(1..1 << 28).contains(&n)) {
        return Err(Error::usage(format!(
            "expected the size of a batch of images, 4 numbers, or of volumes, 5, each at least 1, got {size:?}"
        )));
    }
    if theta.shape() != [size[0] as usize, dims, dims + 1] {
        return Err(Error::shape(format!(
            "expected theta of shape [{}, {dims}, {}] for a size of {size:?}, got {:?}",
            size[0],
            dims + 1,
            theta.shape()
        )));
    }
    let sizes: Dims = size[2..].iter().map(|&n| n as usize).collect();
    let mut coordinates: SmallVec<[Tensor; 4]> = SmallVec::new();
    // x, the coordinate along the last axis, comes first.
    for axis in (0..dims).rev() {
        let mut shape = Dims::from_elem(1, dims);
        shape[axis] = sizes[axis];
        coordinates.push(expand(&reshape(&line(sizes[axis], aligned, theta.dtype())?, &shape)?, &sizes)?);
    }
    coordinates.push(full(&sizes, 1.0, theta.dtype())?);
    let all: SmallVec<[&Tensor; 4]> = coordinates.iter().collect();
    let base = reshape(&stack(&all, dims)?, &[sizes.iter().product(), dims + 1])?;
    let places = matmul(&base, &transpose(theta, 1, 2)?)?;
    let shape: Dims = [size[0] as usize].into_iter().chain(sizes).chain([dims]).collect();
    Ok(smallvec![reshape(&places, &shape)?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "affine_grid",
    doc: "Returns the places, for `gridSample`, that the affine maps `theta` send the pixels of images to.\n\n\
          **Shapes**: `theta` `[N, 2, 3]` for a `size` `[N, C, H, W]`, result `[N, H, W, 2]`; or `[N, 3, 4]` for `[N, C, D, H, W]`, result \
          `[N, D, H, W, 3]`. Coordinates go from −1 to 1, x first: those of the centers of the outer pixels with `alignCorners`, of their edges \
          without. Source: PyTorch, `torch.nn.functional.affine_grid`; Jaderberg et al. 2015.",
    args: &[
        Arg::tensor("theta"),
        Arg::required("size", Kind::Ints),
        Arg::optional("align_corners", Kind::Bool, Default::None),
    ],
    surface: &[Api::Functional],
    body: Body::Composite(body),
    samples: || {
        vec![
            call("images", &[2, 2, 3], [ints(&[2, 1, 2, 3]), Attr::None]),
            call("volumes", &[1, 3, 4], [ints(&[1, 1, 2, 1, 3]), Attr::Bool(true)]),
        ]
    },
    errors: || {
        vec![
            fails(call("a theta of volumes", &[1, 3, 4], [ints(&[1, 1, 2, 2]), Attr::None]), Code::Shape, "[1, 2, 3]"),
            fails(call("three numbers", &[1, 2, 3], [ints(&[1, 2, 2]), Attr::None]), Code::Usage, "4 numbers"),
        ]
    },
    ..OpDef::COMPOSITE
}
.shipped();
