//! The same values in another dtype.

use crate::invoke;
use crate::shared::view::memory_format;
use crate::view::clone;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Backward, Body, Call, Class, Default, Facts, Grads, Half, Jvp, Kind, OpDef, Outputs, Sample,
    SampleTensor, Specs, Tensor, Vjp, required,
};
use adjoint_tensor::{Array, DType, Error, Result};
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = required(inputs, 0);
    convert(x, attrs.opt_dtype(0).unwrap_or(x.dtype()), attrs.get_bool(2), attrs.get(3))
}

fn body_other(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let [x, other] = [0, 1].map(|i| required(inputs, i));
    convert(x, other.dtype(), attrs.get_bool(1), attrs.get(2))
}

/// `x` in another dtype: itself where it has that and `copy` does not hold, else a copy with the
/// strides that `format` asks for.
pub(crate) fn convert(x: &Tensor, dtype: DType, copy: bool, format: &Attr) -> Result<Outputs> {
    Ok(smallvec![match (x.dtype() == dtype, copy) {
        (true, false) => x.clone(),
        (true, true) => invoke::with(&clone::DEF, &[Some(x)], Attrs::new().with(format.clone()))?,
        _ => invoke::with(&COPY, &[Some(x)], Attrs::new().dtype(dtype).with(format.clone()))?,
    }])
}

fn dtype(attrs: &Attrs) -> Result<DType> {
    attrs.opt_dtype(0).ok_or_else(|| Error::usage("expected a dtype"))
}

fn rule(call: &Facts) -> Result<Specs> {
    Ok(memory_format::like(call, 1, dtype(call.attrs)?))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    outs[0].assign(call.input(0))
}

fn vjp(b: &Backward) -> Result<Grads> {
    Ok(smallvec![Some(to(b.g(), b.dtype(0))?)])
}

fn samples() -> Vec<Sample> {
    let s = |label, x: SampleTensor, to: DType| Sample::new(label, vec![x.into(), Attr::DType(to).into()]);
    let x = || SampleTensor::new(&[2, 3]);
    vec![
        s("the same dtype", x(), DType::Float64),
        // Finite differences do not see through a rounding.
        s("float64 to float32", x(), DType::Float32).kink(),
        s("float64 to int64", x().constant(), DType::Int64),
        s("float32 to bool", x().dtype(DType::Float32).constant(), DType::Bool),
        s("int64 to float64", x().dtype(DType::Int64), DType::Float64),
    ]
}

/// PyTorch's parameter for copies from and to other devices, of which there are none.
const NON_BLOCKING: Arg = Arg::optional("non_blocking", Kind::Bool, Default::Bool(false));

/// The op.
static DEF: OpDef = OpDef {
    name: "to",
    doc: "Returns `input` in another `dtype`: itself where it has it already and `copy` is not asked for, else a copy.\n\n\
          Floats become integers by dropping the fraction and bools by `!= 0`; wider integers keep their low bits. The gradient \
          is cast back; through integers there is none. The strides of a copy are those of `input` without gaps, row-major with \
          `contiguous_format`. Source: PyTorch, `Tensor.to`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dtype", Kind::DType),
        NON_BLOCKING,
        Arg::optional("copy", Kind::Bool, Default::Bool(false)),
        memory_format::ARG,
    ],
    surface: &[Api::Method],
    by_hand: true,
    body: Body::Composite(body),
    samples,
    ..OpDef::COMPOSITE
}
.shipped();

static OTHER: OpDef = OpDef {
    name: "to.other",
    doc: "Returns `input` in the dtype of `other`, as `to(dtype)` does.",
    args: &[
        Arg::tensor("input"),
        Arg::tensor("other"),
        NON_BLOCKING,
        Arg::optional("copy", Kind::Bool, Default::Bool(false)),
        memory_format::ARG,
    ],
    body: Body::Composite(body_other),
    samples: || {
        let t = || SampleTensor::new(&[3]).constant();
        let ints = t().dtype(DType::Int64);
        vec![
            Sample::new("int64 to float64", vec![ints.into(), t().into()]),
            Sample::new("the same dtype", vec![SampleTensor::new(&[3]).into(), t().into()]),
        ]
    },
    ..DEF
}
.shipped();

/// The copy.
static COPY: OpDef = OpDef {
    name: "_to_copy",
    part_of: "to",
    doc: "A copy of `input` in another dtype, with its strides but for gaps.",
    args: &[Arg::tensor("input"), Arg::required("dtype", Kind::DType), memory_format::ARG],
    class: Class::Opaque,
    surface: &[],
    node: "ToCopyBackward0",
    body: Body::Kernel { rule, run },
    half: Half::Native,
    vjp: Vjp::Fn(vjp),
    jvp: Jvp::Linear,
    ..DEF
}
.shipped();

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[&COPY, &DEF, &OTHER];

fn cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    invoke::with(&COPY, &[Some(x)], Attrs::new().dtype(dtype))
}

/// `x` where its dtype is `dtype`, else a cast copy.
pub fn to(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if x.dtype() == dtype { Ok(x.clone()) } else { cast(x, dtype) }
}
