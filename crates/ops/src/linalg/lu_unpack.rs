//! LU factors taken apart.

use crate::create::eye::eye;
use crate::create::zeros::zeros;
use crate::elementwise::{add::add, to::to};
use crate::invoke;
use crate::shared::checks;
use crate::shared::linalg::{COMPOSITE, KERNEL, behind, sizes, store};
use crate::shared::view::samples::{fails, tensors};
use crate::view::{narrow::narrow, tril::tril, triu::triu};
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Body, Call, Default, Facts, Kind, OpDef, Outputs, Sample, SampleTensor, Spec, Specs, Tensor,
    Vjp, required,
};
use adjoint_kernels::linalg::lu;
use adjoint_tensor::array::checked_size;
use adjoint_tensor::{Array, Code, DType, Error, Result, scratch};
use smallvec::smallvec;

/// Fails unless pivots are int32, for factors of these sizes.
fn check(pivots: &[usize], dtype: DType, factors: &[usize]) -> Result<()> {
    let [m, n] = sizes("LU_data", factors)?;
    if dtype != DType::Int32 {
        return Err(Error::dtype(format!(
            "LU_pivots is expected to be a tensor of dtype int32, got {}; cast with to('int32')",
            dtype.name()
        ))
        .with("dtype", dtype.name()));
    }
    let expected = behind(&factors[..factors.len() - 2], &[m.min(n)]);
    if pivots == expected.as_slice() {
        return Ok(());
    }
    Err(Error::shape(format!(
        "expected LU_pivots of shape {expected:?}, one for each pivot of LU_data of shape {factors:?}, got {pivots:?}"
    ))
    .with("pivots", format_args!("{pivots:?}")))
}

fn rule(call: &Facts) -> Result<Specs> {
    let pivots = call.input(0);
    let m = checked_size(call.attrs.get_int(0)?)?;
    let dtype = call.attrs.opt_dtype(1).unwrap_or(DType::Float32);
    Ok(Spec::one(behind(&pivots.shape()[..pivots.rank() - 1], &[m, m]), dtype))
}

fn run(call: &Call, outs: &mut [Array]) -> Result<()> {
    let pivots = call.input(0).contiguous()?;
    let (k, m) = (pivots.shape()[pivots.rank() - 1], checked_size(call.attrs.get_int(0)?)?);
    let (mut values, mut order) = (scratch::filled(0.0, outs[0].numel())?, scratch::filled(0i64, m)?);
    let pivots = pivots.as_slice::<i32>();
    if let Some(bad) = pivots.iter().find(|p| **p < 1 || **p as usize > m) {
        return Err(Error::index(format!("pivots must be rows from 1 to {m}, got {bad}")).with("pivot", bad));
    }
    for (i, p) in values.chunks_exact_mut((m * m).max(1)).enumerate() {
        lu::order(&pivots[i * k..][..k], &mut order);
        // Row `order[j]` of A is row j of L U.
        order.iter().enumerate().for_each(|(j, &row)| p[row as usize * m + j] = 1.0);
    }
    store(&values, &mut outs[0])
}

/// The matrices P of pivots of `m` rows, `A = P L U`.
pub(super) fn permutation(pivots: &Tensor, m: usize, dtype: DType) -> Result<Tensor> {
    let computed = if dtype.is_half() { DType::Float32 } else { dtype };
    to(&invoke::with(&PERMUTATION, &[Some(pivots)], Attrs::new().int(m as i64).dtype(computed))?, dtype)
}

/// L of packed factors, no more columns than rows: what is below the diagonal, and ones on it.
pub(super) fn lower_of(factors: &Tensor) -> Result<Tensor> {
    let [m, n] = sizes("LU", factors.shape())?;
    let ones = narrow(&eye(m, factors.dtype())?, 1, 0, n)?;
    add(&tril(factors, -1)?, &ones)
}

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let (factors, pivots) = (required(inputs, 0), required(inputs, 1));
    check(pivots.shape(), pivots.dtype(), factors.shape())?;
    checks::floating("LU_data", factors.dtype())?;
    let [m, n] = sizes("LU_data", factors.shape())?;
    let (k, r) = (m.min(n), factors.rank());
    let wants = |i: usize| !matches!(attrs.get(i), Attr::Bool(false));
    let none = || zeros(&[0], factors.dtype());
    let p = if wants(1) { permutation(pivots, m, factors.dtype())? } else { none()? };
    let (l, u) = if wants(0) {
        (lower_of(&narrow(factors, r - 1, 0, k)?)?, triu(&narrow(factors, r - 2, 0, k)?, 0)?)
    } else {
        (none()?, none()?)
    };
    Ok(smallvec![p, l, u])
}

/// The ops.
pub static DEFS: &[&OpDef] = &[&PERMUTATION, &PUBLIC];

static PERMUTATION: OpDef = OpDef {
    name: "_lu_permutation",
    part_of: "lu_unpack",
    doc: "The matrices P of pivots.",
    args: &[Arg::tensor("pivots"), Arg::required("m", Kind::Int), Arg::required("dtype", Kind::DType)],
    surface: &[],
    body: Body::Kernel { rule, run },
    vjp: Vjp::None("pivots are integers"),
    ..KERNEL
}
.shipped();

static PUBLIC: OpDef = OpDef {
    name: "lu_unpack",
    doc: "Returns P, L and U, `A = P L U`, from the factors and pivots of `linalg.luFactor`.\n\n\
          **Shapes**: `LU_data` is `[*, m, n]` and `LU_pivots` int32 `[*, min(m, n)]`; P is `[*, m, m]`, L `[*, m, min(m, n)]`, U \
          `[*, min(m, n), n]`. Without `unpack_data` L and U are empty, without `unpack_pivots` P is. Source: PyTorch, \
          `torch.lu_unpack`.",
    args: &[
        Arg::tensor("LU_data"),
        Arg::tensor("LU_pivots"),
        Arg::optional("unpack_data", Kind::Bool, Default::Bool(true)),
        Arg::optional("unpack_pivots", Kind::Bool, Default::Bool(true)),
    ],
    outputs: &["P", "L", "U"],
    surface: &[Api::Function],
    body: Body::Composite(body),
    samples: || {
        let pivots = |shape: &[usize]| SampleTensor::ints(shape, 2, 3).dtype(DType::Int32).into();
        let s = |label: &str, shape: &[usize], p: &[usize]| {
            Sample::new(label, vec![SampleTensor::new(shape).into(), pivots(p)])
        };
        vec![s("a square", &[2, 2], &[2]), s("tall", &[3, 2], &[2]), s("a wide batch", &[2, 2, 3], &[2, 2])]
    },
    errors: || vec![fails(tensors("floating pivots", &[&[2, 2], &[2]]), Code::DType, "dtype int32")],
    ..COMPOSITE
}
.shipped();

/// Factors apart: P, L and U.
pub fn lu_unpack(factors: &Tensor, pivots: &Tensor) -> Result<Outputs> {
    body(&[Some(factors), Some(pivots)], &Attrs::new())
}
