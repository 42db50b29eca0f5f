//! The pseudoinverse of matrices.

use crate::contract::matmul::matmul;
use crate::elementwise::{add::add, sub::sub};
use crate::invoke;
use crate::shared::linalg::tolerance::{self, ATOL, HERMITIAN, RTOL, TOLERANCES};
use crate::shared::linalg::{KERNEL, behind, lead, matmul3, matrices, mt, store};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attr, Attrs, Backward, Body, Call, ErrorSample, Facts, Grads, Kind, OpDef, Sample, SampleArg, SampleTensor,
    Saves, Spec, Specs, Tensor, Vjp, given, required,
};
use adjoint_tensor::{Array, Code, Result, Scalar, scratch};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    tolerance::check(call)?;
    Ok(Spec::one(behind(lead(a.shape()), &[n, m]), a.dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let a = call.input(0);
    let [m, n] = matrices("A", a)?;
    let k = m.min(n);
    let mut out = scratch::filled(0.0, outs[0].numel())?;
    tolerance::spectra(call, |i, parts| {
        let out = &mut out[i * n * m..][..n * m];
        for l in (0..k).filter(|&l| parts.s[l].abs() > parts.cutoff) {
            for row in 0..n {
                let factor = parts.vt[l * n + row] / parts.s[l];
                for column in 0..m {
                    out[row * m + column] += factor * parts.u[column * k + l];
                }
            }
        }
    })?;
    store(&out, &mut outs[0])
}

/// With `P = A⁺`: `dA = −Pᵀ g Pᵀ + (I − A P) gᵀ P Pᵀ + Pᵀ P gᵀ (I − P A)`. Source: Golub, Pereyra, The
/// differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate
/// (1973), theorem 4.3.
fn vjp(b: &Backward) -> Result<Grads> {
    let (a, p, g) = (b.input(0)?, b.output(0)?, b.g());
    let (pt, gt) = (mt(&p)?, mt(g)?);
    let direct = matmul3(&pt, g, &pt)?;
    // The products over the shorter side first.
    let right = matmul(&matmul(&gt, &p)?, &pt)?;
    let left = matmul(&pt, &matmul(&p, &gt)?)?;
    let beside = sub(&right, &matmul(&a, &matmul(&p, &right)?)?)?;
    let below = sub(&left, &matmul(&matmul(&left, &p)?, &a)?)?;
    Ok(smallvec![Some(sub(&add(&beside, &below)?, &direct)?), None, None])
}

fn samples() -> Vec<Sample> {
    let small = || SampleArg::from(SampleTensor::new(&[]).range(1e-3, 1e-2).constant());
    let absent = || SampleArg::Tensors(vec![None]);
    vec![
        call("a square", &[3, 3], []),
        call("tall", &[4, 2], []),
        call("a wide batch", &[2, 2, 3], []),
        call("no elements", &[2, 0, 3], []),
        Sample::new("tolerances", vec![SampleTensor::new(&[3, 2]).into(), small(), small()]),
        Sample::new("symmetric", vec![SampleTensor::new(&[1, 1]).into(), absent(), small(), Attr::Bool(true).into()]),
    ]
}

fn errors() -> Vec<ErrorSample> {
    vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")]
}

/// The op, and what it is by tolerances alone.
pub static DEFS: &[&OpDef] = &[&PINV, &BY_TOLERANCES];

static PINV: OpDef = OpDef {
    name: "pinv",
    doc: "Returns the pseudoinverse of matrices, of Moore and Penrose.\n\n\
          **Shapes**: `A` is `[*, m, n]`, the result `[*, n, m]`. Singular values not above the greater of `atol` and `rtol` times the \
          largest count as 0; where neither is given `rtol` is the dtype's epsilon times the greater of m and n, where only \
          `atol` is, 0. Each is a number or a tensor that broadcasts with the dims in front; `rcond` is the older name of `rtol`. With \
          `hermitian` A counts as symmetric and its lower triangle is read. The derivative holds while the rank is constant. By singular \
          values in float64. Source: PyTorch, `torch.linalg.pinv`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("rcond", Kind::TensorOrNumber, Default::None),
        HERMITIAN,
        ATOL,
        RTOL,
    ],
    body: Body::Composite(|inputs, attrs| {
        let (a, rcond) = (required(inputs, 0), given(inputs, 1));
        let [atol, rtol] = if rcond.is_some() { [None, rcond] } else { [given(inputs, 2), given(inputs, 3)] };
        Ok(smallvec![invoke::with(&BY_TOLERANCES, &[Some(a), atol, rtol], attrs.clone())?])
    }),
    vjp: Vjp::Composite,
    class: adjoint_autograd::Class::Composite,
    samples: || {
        let small = SampleTensor::new(&[]).range(1e-3, 1e-2).constant();
        vec![
            Sample::new("tall", vec![SampleTensor::new(&[3, 2]).into(), small.into()]),
            call("without tolerances", &[4, 2], []),
        ]
    },
    errors,
    ..KERNEL
}
.shipped();

static BY_TOLERANCES: OpDef = OpDef {
    name: "_pinv",
    doc: "Returns the pseudoinverse of matrices by an absolute and a relative tolerance.",
    surface: &[],
    part_of: "pinv",
    args: TOLERANCES,
    node: "LinalgPinvBackward0",
    class: KERNEL.class,
    body: Body::Kernel { rule, run },
    vjp: Vjp::Fn(vjp),
    saves: Saves { inputs: &[1], outputs: &[1] },
    samples,
    ..PINV
}
.shipped();

/// The pseudoinverse, with a relative tolerance.
pub fn pinv(a: &Tensor, rtol: Option<f64>) -> Result<Tensor> {
    let rtol = rtol.map(|v| Tensor::number(Scalar::Float(v))).transpose()?;
    invoke::with(&BY_TOLERANCES, &[Some(a), None, rtol.as_ref()], Attrs::new().bool(false))
}
