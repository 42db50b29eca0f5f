//! The reflections of a QR factorisation.

use crate::shared::linalg::{KERNEL, behind, each, lead, matrices, store};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::{Api, Arg, Body, Call, Facts, OpDef, Spec, Specs, Vjp};
use adjoint_kernels::linalg::qr;
use adjoint_tensor::{Array, Code, Result, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let [m, n] = matrices("input", a)?;
    Ok(smallvec![Spec::new(a.shape(), a.dtype()), Spec::new(behind(lead(a.shape()), &[m.min(n)]), a.dtype())])
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("input", a)?;
    let k = m.min(n);
    let [packed, taus] = outs else { unreachable!("the rule says two outputs") };
    let (mut values, mut tau) = (a.to_vec_f64()?, scratch::filled(0.0, taus.numel())?);
    let mut work = scratch::filled(0.0, m + n)?;
    let count = lead(a.shape()).iter().product();
    each(&mut values, count, m * n, |i, a| qr::factor(a, m, n, &mut tau[i * k..][..k], &mut work));
    store(&values, packed)?;
    store(&tau, taus)
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "geqrf",
    doc: "Returns the QR factorisation of matrices in LAPACK's form: R on and above the diagonal of `a`, below it the vectors of \
          reflections, and their factors `tau`.\n\n\
          **Shapes**: `input` and `a` are `[*, m, n]`, `tau` `[*, min(m, n)]`. `orgqr` makes Q of them, `ormqr` multiplies by it. Has no derivative, \
          as in PyTorch; `linalg.qr` has. Source: PyTorch, `torch.geqrf`.",
    args: &[Arg::tensor("input")],
    outputs: &["a", "tau"],
    surface: &[Api::Function, Api::Method],
    body: Body::Kernel { rule, run },
    vjp: Vjp::None("not implemented in PyTorch; use linalg.qr"),
    samples: || vec![call("tall", &[4, 2], []), call("a wide batch", &[2, 2, 3], []), call("empty", &[2, 0, 3], [])],
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")],
    ..KERNEL
}
.shipped();
