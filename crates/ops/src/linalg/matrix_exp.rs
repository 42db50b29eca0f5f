//! The exponential of matrices.

use crate::invoke;
use crate::shared::linalg::{KERNEL, each, lead, mt, square, store};
use crate::shared::view::samples::{call, fails};
use crate::view::{cat::cat, narrow::narrow};
use adjoint_autograd::{Api, Arg, Backward, Body, Call, Facts, Grads, OpDef, Saves, Spec, Specs, Tensor, Vjp};
use adjoint_kernels::linalg::exponential::exponential;
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    square("A", a)?;
    Ok(Spec::one(a.shape(), a.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let mut values = a.to_vec_f64()?;
    let mut good = true;
    each(&mut values, lead(a.shape()).iter().product(), n * n, |_, a| good &= exponential(a, n).is_some());
    if !good {
        scratch::check_kernels()?;
    }
    store(&values, &mut outs[0])
}

/// `exp([[Aᵀ, g], [0, Aᵀ]]) = [[exp(Aᵀ), dA], [0, exp(Aᵀ)]]`. Source: Higham, Functions of Matrices,
/// theorem 3.6.
fn vjp(b: &Backward) -> Result<Grads> {
    let (a, g) = (mt(&b.input(0)?)?, b.g());
    let (r, n) = (a.rank(), a.shape()[a.rank() - 1]);
    let zero = crate::create::zeros::zeros(a.shape(), a.dtype())?;
    let block = cat(&[&cat(&[&a, g], r - 1)?, &cat(&[&zero, &a], r - 1)?], r - 2)?;
    let both = narrow(&matrix_exp(&block)?, r - 2, 0, n)?;
    Ok(smallvec![Some(narrow(&both, r - 1, n, n)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "matrix_exp",
    doc: "Returns the exponential of square matrices, `Σ Aᵏ / k!`.\n\n\
          **Shapes**: `A` is `[*, n, n]`, the result too. By scaling to a norm of at most a half, a polynomial of degree 16 and squaring, \
          in float64: about 6 + log₂ ‖A‖ products. The gradient is a block of an exponential twice the size. Source: PyTorch, \
          `torch.linalg.matrix_exp`.",
    args: &[Arg::tensor("A")],
    surface: &[Api::Function, Api::Method, Api::Linalg],
    node: "LinalgMatrixExpBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples: || vec![call("a matrix", &[3, 3], []), call("a batch", &[2, 2, 2], []), call("empty", &[2, 0, 0], [])],
    errors: || vec![fails(call("wide", &[2, 3], []), Code::Shape, "2 by 3 matrices")],
    ..KERNEL
}
.shipped();

/// The exponential.
pub fn matrix_exp(a: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, a)
}
