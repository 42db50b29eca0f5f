//! Reductions of the elements that a mask holds: the others become what changes nothing.

use crate::elementwise::{to::to, where_::where_};
use crate::shared::dims::dims_or_all;
use adjoint_autograd::{
    Api, Arg, Attr, Attrs, Default, Kind, OpDef, Outputs, Sample, SampleArg, SampleTensor, Tensor, given, required,
};
use adjoint_tensor::{DType, Dims, Error, Result, Scalar};
use smallvec::smallvec;

/// What changes nothing.
#[derive(Clone, Copy)]
pub enum Identity {
    /// 0.
    Zero,
    /// 1.
    One,
    /// The least number of the dtype.
    Least,
    /// The greatest.
    Greatest,
    /// NaN.
    Nan,
}

impl Identity {
    fn of(self, dtype: DType) -> Scalar {
        let bits = |dtype: DType| 8 * dtype.size() as u32 - 1;
        match (self, dtype) {
            (Identity::Zero, _) => Scalar::Int(0),
            (Identity::One, _) => Scalar::Int(1),
            (Identity::Nan, _) => Scalar::Float(f64::NAN),
            (Identity::Least, t) if t.is_float() => Scalar::Float(f64::NEG_INFINITY),
            (Identity::Greatest, t) if t.is_float() => Scalar::Float(f64::INFINITY),
            (Identity::Least, DType::UInt8 | DType::Bool) => Scalar::Int(0),
            (Identity::Greatest, DType::UInt8) => Scalar::Int(255),
            (Identity::Greatest, DType::Bool) => Scalar::Int(1),
            (Identity::Least, t) => Scalar::Int(i64::MIN >> (63 - bits(t))),
            (Identity::Greatest, t) => Scalar::Int(i64::MAX >> (63 - bits(t))),
        }
    }
}

/// `x` where the mask holds, and what changes nothing elsewhere; `x` itself without a mask.
pub fn filled(x: &Tensor, mask: Option<&Tensor>, identity: Identity) -> Result<Tensor> {
    let Some(mask) = mask else { return Ok(x.clone()) };
    if mask.dtype() != DType::Bool {
        return Err(Error::dtype(format!(
            "expected a mask of dtype bool, got {}; cast with to('bool')",
            mask.dtype().name()
        )));
    }
    if mask.rank() > x.rank() {
        return Err(Error::shape(format!(
            "expected a mask with no more dims than input, got shapes {:?} and {:?}",
            mask.shape(),
            x.shape()
        )));
    }
    where_(mask, x, &Tensor::number(identity.of(x.dtype()))?)
}

/// A call of a reduction, read: the input, the mask, the dims and whether they are kept.
pub struct Masked<'a> {
    /// The input, in the dtype asked for where one was.
    pub x: Tensor,
    /// The mask.
    pub mask: Option<&'a Tensor>,
    /// The dims to reduce.
    pub dims: Dims,
    /// Whether they stay, with size 1.
    pub keepdim: bool,
}

impl<'a> Masked<'a> {
    /// Reads a call whose dims are attribute `at`, followed by `keepdim`, with the dtype last.
    pub fn of(inputs: &[Option<&'a Tensor>], attrs: &Attrs, at: usize) -> Result<Self> {
        let x = required(inputs, 0);
        let dtype = attrs.0.iter().find_map(|attr| if let Attr::DType(t) = attr { Some(*t) } else { None });
        let dims = dims_or_all(attrs, at, x.rank())?;
        let x = dtype.map_or_else(|| Ok(x.clone()), |dtype| to(x, dtype))?;
        Ok(Masked { x, mask: given(inputs, 1), dims, keepdim: attrs.get_bool(at + 1) })
    }

    /// The input with what changes nothing where the mask does not hold.
    pub fn filled(&self, identity: Identity) -> Result<Tensor> {
        filled(&self.x, self.mask, identity)
    }

    /// How many elements count, over the dims.
    pub fn count(&self, keepdim: bool) -> Result<Tensor> {
        let ones = crate::create::ones::ones(self.x.shape(), DType::Int64)?;
        crate::reduce::sum::sum_dims(&filled(&ones, self.mask, Identity::Zero)?, &self.dims, keepdim)
    }
}

/// The parameter `keepdim`.
pub const KEEPDIM: Arg = Arg::optional("keepdim", Kind::Bool, Default::Bool(false));
/// The parameter `dtype`.
pub const DTYPE: Arg = Arg::optional("dtype", Kind::DType, Default::None);
/// The parameter `mask`.
pub const MASK: Arg = Arg::optional("mask", Kind::Tensor, Default::None);
/// The parameter `dim` of reductions over any.
pub const DIMS: Arg = Arg::optional("dim", Kind::Ints, Default::None);

const ARGS: &[Arg] = &[Arg::tensor("input"), DIMS, KEEPDIM, DTYPE, MASK];
const SURFACE: &[Api] = &[Api::Masked];

/// A reduction over any dims.
pub const REDUCTION: OpDef = OpDef { args: ARGS, surface: SURFACE, samples: reductions, ..OpDef::COMPOSITE };

const ALONG_ARGS: &[Arg] = &[Arg::tensor("input"), Arg::required("dim", Kind::Int), DTYPE, MASK];

/// An op along one dim, which keeps the shape.
pub const ALONG: OpDef = OpDef { args: ALONG_ARGS, samples: along, ..REDUCTION };

/// One output.
pub fn one(t: Tensor) -> Result<Outputs> {
    Ok(smallvec![t])
}

/// A call of `REDUCTION` or of an op with more parameters before `dim`.
pub fn sample(label: &str, before: &[Attr], dims: &[i64], mask: bool) -> Sample {
    let mut args: Vec<SampleArg> = vec![SampleTensor::new(&[3, 4]).avoid(&[0.0]).distinct().into()];
    args.extend(before.iter().cloned().map(SampleArg::from));
    args.extend([Attr::Ints(dims.into()), Attr::Bool(false), Attr::None].map(SampleArg::from));
    args.extend(mask.then(some));
    let sample = Sample::new(label, args);
    // Where a drawn mask leaves nothing of a row, values are NaN or infinite.
    if mask { sample.kink() } else { sample }
}

/// A mask of ones, since what it draws is the same everywhere.
fn some() -> SampleArg {
    SampleTensor::ints(&[3, 4], 1, 1).dtype(DType::Bool).into()
}

fn reductions() -> Vec<Sample> {
    vec![sample("rows", &[], &[1], true), sample("all", &[], &[], false)]
}

fn along() -> Vec<Sample> {
    let x = SampleTensor::new(&[3, 4]).avoid(&[0.0]).distinct().into();
    vec![Sample::new("rows", vec![x, Attr::Int(1).into(), Attr::None.into(), some()]).kink()]
}
