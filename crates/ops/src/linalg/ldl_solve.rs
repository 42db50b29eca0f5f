//! Solutions of systems from the LDL factors of their matrices.

use super::solve_triangular::fit;
use crate::invoke;
use crate::shared::linalg::{COMPOSITE, KERNEL, behind, each, lead, sizes, store, together};
use crate::shared::view::samples::fails;
use crate::view::expand::expand;
use adjoint_autograd::{
    Arg, Attrs, Body, Call, Default, Facts, Kind, OpDef, Outputs, Sample, SampleTensor, Spec, Specs, Tensor, Vjp,
    required,
};
use adjoint_kernels::linalg::indefinite;
use adjoint_tensor::{Array, Code, DType, Error, Result};
use smallvec::smallvec;

fn rule(call: &Facts) -> Result<Specs> {
    Ok(Spec::one(call.input(2).shape(), call.input(2).dtype()))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (factors, b) = (call.input(0).to_vec_f64()?, call.input(2));
    let pivots = call.input(1).contiguous()?;
    let [n, k] = sizes("B", b.shape())?;
    let pivots = pivots.as_slice::<i32>();
    if let Some(bad) = pivots.iter().find(|p| **p == 0 || p.unsigned_abs() as usize > n) {
        return Err(Error::index(format!("pivots must be rows from 1 to {n}, or negative, got {bad}")));
    }
    let mut x = b.to_vec_f64()?;
    each(&mut x, lead(b.shape()).iter().product(), n * k, |i, x| {
        indefinite::solve(&factors[i * n * n..][..n * n], n, &pivots[i * n..][..n], x, k);
    });
    store(&x, &mut outs[0])
}

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
    let (factors, pivots, b) = (required(inputs, 0), required(inputs, 1), required(inputs, 2));
    fit(factors, b, true)?;
    crate::shared::checks::same_dtype("B", b.dtype(), factors.dtype())?;
    if pivots.dtype() != DType::Int32 || *pivots.shape() != factors.shape()[..factors.rank() - 1] {
        return Err(Error::shape(format!(
            "expected int32 pivots of shape {:?}, those of LD, got {} {:?}",
            &factors.shape()[..factors.rank() - 1],
            pivots.dtype().name(),
            pivots.shape()
        )));
    }
    let (factors, b) = together(factors, b)?;
    let n = factors.shape()[factors.rank() - 1];
    let pivots = expand(pivots, &behind(lead(factors.shape()), &[n]))?;
    Ok(smallvec![invoke::with(&SAME, &[Some(&factors), Some(&pivots), Some(&b)], Attrs::new())?])
}

fn sample(label: &str, b: &[usize], bits: DType) -> Sample {
    let pivots = SampleTensor::ints(&[2], 2, 3).dtype(bits);
    Sample::new(
        label,
        vec![SampleTensor::new(&[2, 2]).range(0.5, 2.0).into(), pivots.into(), SampleTensor::new(b).into()],
    )
}

/// The ops: as it is called, and for batches of one shape.
pub static DEFS: &[&OpDef] = &[&SAME, &PUBLIC];

static SAME: OpDef = OpDef {
    name: "_ldl_solve",
    part_of: "ldl_solve",
    doc: "The solution for batches of one shape.",
    args: &[Arg::tensor("LD"), Arg::tensor("pivots"), Arg::tensor("B")],
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::None("not implemented in PyTorch"),
    samples: || vec![sample("a matrix", &[2, 3], DType::Int32)],
    ..KERNEL
}
.shipped();

static PUBLIC: OpDef = OpDef {
    name: "ldl_solve",
    doc: "Returns the solution X of `A X = B` from the factors and pivots of `linalg.ldlFactor(A)`.\n\n\
          **Shapes**: `LD` is `[*, n, n]`, `pivots` int32 `[*, n]`, `B` `[*, n, k]`; the dims in front broadcast. Has no derivative, as in \
          PyTorch. Source: PyTorch, `torch.linalg.ldl_solve`.",
    args: &[
        Arg::tensor("LD"),
        Arg::tensor("pivots"),
        Arg::tensor("B"),
        Arg::optional("hermitian", Kind::Bool, Default::Bool(false)),
    ],
    body: Body::Composite(body),
    vjp: Vjp::None("not implemented in PyTorch"),
    samples: || vec![sample("a matrix", &[2, 3], DType::Int32), sample("a batch", &[2, 2, 1], DType::Int32)],
    errors: || vec![fails(sample("wide pivots", &[2, 1], DType::Int64), Code::Shape, "int32 pivots")],
    ..COMPOSITE
}
.shipped();
