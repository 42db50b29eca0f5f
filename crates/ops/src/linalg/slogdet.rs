//! Signs and logarithms of determinants.

use super::det::errors;
use super::inv_ex::inv_ex;
use crate::elementwise::mul::mul;
use crate::invoke;
use crate::shared::linalg::{KERNEL, each, lead, mt, square, store};
use crate::shared::view::samples::call;
use crate::view::unsqueeze::unsqueeze;
use adjoint_autograd::{
    Api, Arg, Attrs, Backward, Body, Call, Facts, Grads, OpDef, Outputs, Saves, Spec, Specs, Tensor, Vjp,
};
use adjoint_kernels::linalg::lu;
use adjoint_tensor::{Array, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    square("A", a)?;
    let one = Spec::new(lead(a.shape()), a.dtype());
    Ok(smallvec![one.clone(), one])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let n = a.shape()[a.rank() - 1];
    let (mut values, mut pivots) = (a.to_vec_f64()?, scratch::filled(0i32, n)?);
    let [signs, logs] = outs else { unreachable!("the rule says two outputs") };
    let (mut sign, mut log) = (scratch::filled(1.0, signs.numel())?, scratch::filled(0.0, signs.numel())?);
    let count = sign.len();
    each(&mut values, count, n * n, |i, a| {
        lu::factor(a, n, n, &mut pivots);
        if lu::is_odd(&pivots) {
            sign[i] = -1.0;
        }
        for k in 0..n {
            let pivot = a[k * n + k];
            sign[i] *= if pivot == 0.0 { 0.0 } else { pivot.signum() };
            log[i] += pivot.abs().ln();
        }
    });
    store(&sign, signs)?;
    store(&log, logs)
}

/// `dA = g A⁻ᵀ`; the sign is constant.
fn vjp(b: &Backward) -> Result<Grads> {
    let Some(g) = b.grad(1) else { return Ok(smallvec![None]) };
    let g = unsqueeze(&unsqueeze(g, g.rank())?, g.rank() + 1)?;
    Ok(smallvec![Some(mul(&g, &mt(&inv_ex(&b.input(0)?, false)?.swap_remove(0))?)?)])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "slogdet",
    doc: "Returns the signs of the determinants of square matrices, and the natural logarithms of their absolute values.\n\n\
          **Shapes**: `A` is `[*, n, n]`, both results `[*]`. A singular matrix has sign 0 and logarithm −∞. `dA = g A⁻ᵀ` by the \
          logarithm. By LU factors; float32 is computed in float64 and rounded. Source: PyTorch, `torch.linalg.slogdet`.",
    args: &[Arg::tensor("A")],
    outputs: &["sign", "logabsdet"],
    surface: &[Api::Function, Api::Method, Api::Linalg],
    node: "LinalgSlogdetBackward0",
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves::INPUT,
    samples: || vec![call("a matrix", &[3, 3], []), call("a batch", &[2, 2, 2], []), call("empty", &[2, 0, 0], [])],
    errors,
    ..KERNEL
}
.shipped();

/// Signs and logarithms.
pub fn slogdet(a: &Tensor) -> Result<Outputs> {
    invoke::many(&DEF, &[Some(a)], Attrs::new())
}
