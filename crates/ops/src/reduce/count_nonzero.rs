//! How many elements are not zero.

use crate::shared::dims::{dims_or_all, reduced_shape};
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Batching, Body, Call, Class, Facts, Kind, OpDef, Spec, Specs, Vjp};
use adjoint_cpu::axis::axis_view;
use adjoint_cpu::elements;
use adjoint_kernels::reduce;
use adjoint_tensor::{Array, DType, Result};

fn rule(call: &Facts) -> Result<Specs> {
    let x = call.input(0);
    Ok(Spec::one(reduced_shape(x.shape(), &dims_or_all(call.attrs, 0, x.rank())?, false), DType::Int64))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0);
    let view = axis_view(x, &dims_or_all(call.attrs, 0, x.rank())?)?;
    let out = outs[0].as_mut_slice::<i64>();
    elements!(view.array, x => reduce::count_nonzero(x, view.axis, out));
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "count_nonzero",
    doc: "Returns how many elements of `input` are not zero: of all, or over `dim`, a dim or a list of dims.\n\n\
          NaN is not zero. int64; without a derivative. Source: PyTorch, `torch.count_nonzero`.",
    args: &[Arg::tensor("input"), Arg::optional("dim", Kind::Ints, Default::None)],
    class: Class::Reduce,
    body: Body::Kernel { rule, run },
    batching: &Batching::leading(&[0]),
    vjp: Vjp::None("returns counts"),
    samples: || {
        let s = |label, shape: &[usize], dims: &[i64]| samples::call(label, shape, [samples::ints(dims)]);
        vec![s("the last dim", &[3, 4], &[-1]), s("all dims", &[2, 3], &[0, 1]), s("no elements", &[2, 0], &[1])]
    },
    errors: samples::wrong_dims,
    ..OpDef::BASE
}
.shipped();
