//! Whether elements are among others.

use adjoint_autograd::{Api, Arg, Attr, Body, Call, Class, Default, Kind, OpDef, Sample, SampleTensor, Spec, Vjp};
use adjoint_tensor::{Array, DType, Result};
use std::cmp::Ordering;

/// Says for each element whether it is in `among`; sorts those.
fn find<T: PartialOrd>(x: &[T], mut among: Vec<T>, invert: bool, out: &mut [u8]) {
    // A NaN is equal to nothing.
    among.retain(|v| v.partial_cmp(v).is_some());
    among.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    for (out, v) in out.iter_mut().zip(x) {
        let found = v.partial_cmp(v).is_some()
            && among.binary_search_by(|a| a.partial_cmp(v).unwrap_or(Ordering::Equal)).is_ok();
        *out = u8::from(found != invert);
    }
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let (x, among) = (call.input(0), call.input(1));
    let (invert, out) = (call.attrs.get_bool(1), outs[0].bool_bytes_mut());
    if x.dtype().is_float() || among.dtype().is_float() {
        find(&x.to_vec_f64()?, among.to_vec_f64()?, invert, out);
    } else {
        find(&x.to_vec_i64()?, among.to_vec_i64()?, invert, out);
    }
    Ok(())
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "isin",
    doc: "Returns a bool tensor that says which elements of `elements` are in `testElements`, or with `invert` which are \
          not.\n\n\
          NaN is equal to nothing. `assumeUnique` changes nothing here. Costs `(n + m) log m`. Without a derivative. \
          Source: PyTorch, `torch.isin`.",
    args: &[
        Arg::number("elements"),
        Arg::number("test_elements"),
        Arg::optional("assume_unique", Kind::Bool, Default::Bool(false)),
        Arg::optional("invert", Kind::Bool, Default::Bool(false)),
    ],
    class: Class::Index,
    surface: &[Api::Function],
    body: Body::Kernel { rule: |call| Ok(Spec::one(call.input(0).shape(), DType::Bool)), run },
    vjp: Vjp::None("the result is bool"),
    samples: || {
        let s = |label, invert| {
            let (x, among) = (SampleTensor::ints(&[2, 3], 0, 5), SampleTensor::ints(&[4], 0, 5));
            Sample::new(label, vec![x.into(), among.into(), Attr::Bool(false).into(), Attr::Bool(invert).into()])
        };
        vec![s("which are", false), s("which are not", true)]
    },
    ..OpDef::BASE
}
.shipped();
