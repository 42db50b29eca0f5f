//! The rank of matrices.

use crate::invoke;
use crate::shared::linalg::tolerance::{self, ATOL, HERMITIAN, RTOL, TOLERANCES};
use crate::shared::linalg::{KERNEL, lead};
use crate::shared::view::samples::{call, fails};
use adjoint_autograd::op::Default;
use adjoint_autograd::{
    Arg, Attrs, Body, Call, Class, Facts, Kind, OpDef, Sample, SampleTensor, Spec, Specs, Tensor, Vjp, given, required,
};
use adjoint_tensor::{Array, Code, DType, Result, Scalar};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    tolerance::check(call)?;
    Ok(Spec::one(lead(call.input(0).shape()), DType::Int64))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let out = outs[0].as_mut_slice::<i64>();
    tolerance::spectra(call, |i, parts| out[i] = parts.s.iter().filter(|s| s.abs() > parts.cutoff).count() as i64)
}

/// The op, and what it is by tolerances alone.
pub static DEFS: &[&OpDef] = &[&RANK, &BY_TOLERANCES];

static RANK: OpDef = OpDef {
    name: "matrix_rank",
    doc: "Returns the rank of matrices: how many singular values are above a tolerance.\n\n\
          **Shapes**: `A` is `[*, m, n]`, the result int64 `[*]`. The tolerance is the greater of `atol` and `rtol` times the largest \
          singular value; where neither is given `rtol` is the dtype's epsilon times the greater of m and n, where only `atol` is, \
          0. Each is a number or a tensor that broadcasts with the dims in front; `tol` is the older name of `atol`. With `hermitian` A \
          counts as symmetric and its lower triangle is read. Source: PyTorch, `torch.linalg.matrix_rank`.",
    args: &[
        Arg::tensor("A"),
        Arg::optional("tol", Kind::TensorOrNumber, Default::None),
        HERMITIAN,
        ATOL,
        RTOL,
    ],
    class: Class::Composite,
    body: Body::Composite(|inputs, attrs| {
        let zero = Tensor::number(Scalar::Float(0.0))?;
        let (a, tol) = (required(inputs, 0), given(inputs, 1));
        let tolerances = if tol.is_some() { [tol, Some(&zero)] } else { [given(inputs, 2), given(inputs, 3)] };
        let all = [Some(a), tolerances[0], tolerances[1]];
        Ok(smallvec![invoke::with(&BY_TOLERANCES, &all, attrs.clone())?])
    }),
    vjp: Vjp::None("returns a count"),
    samples: || {
        let small = SampleTensor::new(&[]).range(1e-3, 1e-2).constant();
        vec![
            Sample::new("tall", vec![SampleTensor::new(&[3, 2]).into(), small.into()]),
            call("without tolerances", &[4, 2], []),
        ]
    },
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")],
    ..KERNEL
}
.shipped();

static BY_TOLERANCES: OpDef = OpDef {
    name: "_matrix_rank",
    doc: "Returns the rank of matrices by an absolute and a relative tolerance.",
    surface: &[],
    part_of: "matrix_rank",
    args: TOLERANCES,
    class: Class::Opaque,
    body: Body::Kernel { rule, run },
    samples: || vec![call("tall", &[4, 2], []), call("a batch", &[2, 2, 3], []), call("empty", &[2, 0, 3], [])],
    errors: || vec![fails(call("a vector", &[3], []), Code::Shape, "at least 2 dimensions")],
    ..RANK
}
.shipped();

/// The rank, with a relative tolerance.
pub fn matrix_rank(a: &Tensor, rtol: Option<f64>) -> Result<Tensor> {
    let rtol = rtol.map(|v| Tensor::number(Scalar::Float(v))).transpose()?;
    invoke::with(&BY_TOLERANCES, &[Some(a), None, rtol.as_ref()], Attrs::new().bool(false))
}
