//! The greatest element of each window of sequences, as images of one row.

use super::max_pool2d::{self, ARGS, INDEX_ARGS, call, ints};
use adjoint_autograd::{Api, Attr, Body, Call, ErrorSample, OpDef, Sample, SampleTensor};
use adjoint_cpu::floats;
use adjoint_kernels::pool::{Pool1d, Pooled};
use adjoint_tensor::{Array, Code, Result};

/// The ops: without and with indices, and the kernel.
pub static DEFS: &[&OpDef] = &[&VALUES, &INDICES, &KERNEL];

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let x = call.input(0).contiguous()?;
    let w = call.attrs.get_ints(0)?;
    // Of each pair, what columns have.
    let along = |i: usize| w[2 * i + 1] as usize;
    let pool = Pool1d {
        sequences: x.shape()[..x.rank() - 1].iter().product(),
        input: x.shape()[x.rank() - 1],
        output: along(4),
        kernel: along(0),
        stride: along(1),
        padding: along(2),
        dilation: along(3),
    };
    let [values, indices] = outs else { unreachable!("the rule says two outputs") };
    let at = indices.as_mut_slice::<i32>();
    floats!(x.dtype(), T => T::greatest_in_sequences(&pool, x.as_slice(), values.as_mut_slice(), at));
    Ok(())
}

static KERNEL: OpDef = OpDef {
    name: "_max_pool1d",
    part_of: "max_pool1d",
    doc: "As `_max_pool2d`, of images of one row in windows of one row.",
    body: Body::Kernel { rule: max_pool2d::rule, run },
    samples: || {
        let windows = Attr::Ints([1, 3, 1, 2, 0, 1, 1, 1, 1, 3][..].into());
        vec![Sample::new("overlapping windows", vec![SampleTensor::new(&[2, 1, 5]).distinct().into(), windows.into()])]
    },
    ..max_pool2d::KERNEL
}
.shipped();

fn attrs(padding: i64) -> Vec<Attr> {
    vec![ints(&[3]), ints(&[2]), ints(&[padding]), ints(&[1]), Attr::Bool(true)]
}

fn samples() -> Vec<Sample> {
    vec![call("a batch", &[2, 2, 6], attrs(1)), call("one sequence", &[2, 7], attrs(0))]
}

fn errors() -> Vec<ErrorSample> {
    let sample = call("an input of four dims", &[1, 2, 3, 4], attrs(0));
    vec![ErrorSample { sample, code: Code::Shape, message: "an input of 3 dims" }]
}

fn index_samples() -> Vec<Sample> {
    let mut attrs = attrs(1);
    attrs.push(Attr::Bool(true));
    vec![call("with indices", &[2, 2, 6], attrs)]
}

/// What both have.
const BOTH: OpDef = OpDef {
    name: "max_pool1d",
    doc: "Returns the greatest element of each window of sequences.\n\n\
          **Shapes**: `input` `[N, C, L]` or `[C, L]`, result `[N, C, oL]`; for the rest see `maxPool2d`, which computes it. Source: PyTorch, \
          `torch.nn.functional.max_pool1d`.",
    args: &ARGS,
    surface: &[Api::Function, Api::Functional],
    body: Body::Composite(|inputs, attrs| max_pool2d::body(inputs, attrs, 1, &KERNEL)),
    ..OpDef::COMPOSITE
};

static VALUES: OpDef = OpDef { samples, errors, ..BOTH }.shipped();

static INDICES: OpDef = OpDef {
    name: "max_pool1d.indices",
    args: &INDEX_ARGS,
    outputs: &["values", "indices"],
    samples: index_samples,
    ..BOTH
}
.shipped();
