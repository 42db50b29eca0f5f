//! What a rule sees of a call ([`Facts`]), what a kernel does ([`Call`]), and what the outputs will
//! be ([`Spec`]).

use crate::op::OpDef;
use crate::op::attrs::Attrs;
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, DType, Dims, Error, Layout, Meta, Result, Strides, order};
use smallvec::{SmallVec, smallvec};
use std::ops::Deref;

/// What a rule sees of a call: facts of the inputs and the attributes. Values it cannot read, so
/// that a program can be traced, planned and exported without computing:
///
/// ```compile_fail
/// fn rule(call: &adjoint_autograd::Facts) -> adjoint_tensor::Result<Vec<f64>> {
///     call.input(0).to_vec_f64()
/// }
/// ```
///
/// A kernel reads them:
///
/// ```
/// fn run(call: &adjoint_autograd::Call) -> adjoint_tensor::Result<Vec<f64>> {
///     call.input(0).to_vec_f64()
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The op.
    pub op: &'static OpDef,
    /// The inputs in the order of the op's tensor parameters, lists spread out; `None` where one
    /// was left out.
    pub inputs: &'a [Option<&'a Meta>],
    /// The other arguments.
    pub attrs: &'a Attrs,
}

/// What a kernel sees of a call: arrays besides the facts. What is asked of a call is asked of its
/// facts but for the inputs.
pub struct Call<'a> {
    pub(crate) facts: Facts<'a>,
    /// The inputs, as in the facts.
    pub inputs: &'a [Option<&'a Array>],
    /// What the op's check of values read, in the form it returned it: see
    /// [`crate::op::Check::Values`].
    pub checked: &'a [Array],
}

impl<'a> Deref for Call<'a> {
    type Target = Facts<'a>;

    #[inline]
    fn deref(&self) -> &Facts<'a> {
        &self.facts
    }
}

/// Input `i` of a list, which must have been given.
///
/// # Panics
/// If it was left out: what may be is read by [`given`].
#[inline]
pub fn required<'a, T>(inputs: &[Option<&'a T>], i: usize) -> &'a T {
    inputs[i].expect("a required input is present")
}

/// Input `i` of a list where it was given.
#[inline]
pub fn given<'a, T>(inputs: &[Option<&'a T>], i: usize) -> Option<&'a T> {
    inputs.get(i).copied().flatten()
}

impl<'a> Call<'a> {
    /// Input `i`, which must have been given.
    ///
    /// # Panics
    /// If it was left out.
    #[inline]
    pub fn input(&self, i: usize) -> &'a Array {
        required(self.inputs, i)
    }

    /// Input `i` where it was given.
    #[inline]
    pub fn given(&self, i: usize) -> Option<&'a Array> {
        given(self.inputs, i)
    }
}

impl<'a> Facts<'a> {
    /// Input `i`, which must have been given.
    ///
    /// # Panics
    /// If it was left out.
    #[inline]
    pub fn input(&self, i: usize) -> &'a Meta {
        required(self.inputs, i)
    }

    /// Input `i` where it was given.
    #[inline]
    pub fn given(&self, i: usize) -> Option<&'a Meta> {
        given(self.inputs, i)
    }

    /// Fails unless all given inputs have the same dtype, which is returned.
    pub fn same_dtype(&self) -> Result<DType> {
        let mut found: Option<DType> = None;
        for x in self.inputs.iter().flatten() {
            match found {
                None => found = Some(x.dtype()),
                Some(t) if t != x.dtype() => {
                    return Err(Error::dtype(format!(
                        "expected operands of one dtype, got {} and {}; cast with to()",
                        t.name(),
                        x.dtype().name()
                    ))
                    .with("lhs", t.name())
                    .with("rhs", x.dtype().name()));
                }
                _ => {}
            }
        }
        found.ok_or_else(|| Error::usage("expected at least one tensor"))
    }

    /// Fails unless input `i` is floating point; returns its dtype.
    pub fn floating(&self, i: usize) -> Result<DType> {
        let t = self.input(i).dtype();
        if t.is_float() {
            Ok(t)
        } else {
            Err(Error::dtype(format!("expected a floating-point tensor, got {}; cast with to('float32')", t.name()))
                .with("dtype", t.name()))
        }
    }
}

/// Shape, dtype and strides of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Sizes.
    pub shape: Dims,
    /// Element type.
    pub dtype: DType,
    /// Strides, of a layout without gaps; row-major where there are none.
    pub strides: Option<Strides>,
}

/// The outputs of a call.
pub type Specs = SmallVec<[Spec; 1]>;

impl Spec {
    /// One output of this shape and dtype.
    pub fn one(shape: impl AsRef<[usize]>, dtype: DType) -> Specs {
        smallvec![Spec::new(shape, dtype)]
    }

    /// This shape and dtype.
    pub fn new(shape: impl AsRef<[usize]>, dtype: DType) -> Spec {
        Spec { shape: Dims::from_slice(shape.as_ref()), dtype, strides: None }
    }

    /// One output of the shape of `x` with its strides but for gaps: `torch.preserve_format`.
    pub fn like(x: &Meta, dtype: DType) -> Specs {
        let strides = if x.has_usual_strides() { None } else { Some(order::preserved(x.layout()).strides) };
        smallvec![Spec { strides, ..Spec::new(x.shape(), dtype) }]
    }

    /// The output, values not set.
    pub(crate) fn empty(&self) -> Result<Array> {
        match self.layout() {
            None => Array::empty(&self.shape, self.dtype),
            Some(layout) => Array::laid_out(layout, self.dtype),
        }
    }

    /// `value`, which has the output's shape and dtype, with the strides of the output.
    pub(crate) fn lay_out(&self, value: Array) -> Result<Array> {
        let is_as_said = match &self.strides {
            None if value.is_batched() => value.layout().is_contiguous(),
            None => value.has_usual_strides(),
            Some(strides) => value.strides() == strides.as_slice(),
        };
        if is_as_said {
            return Ok(value);
        }
        let out = if value.is_batched() { self.batched(value.batch())? } else { self.empty()? };
        out.assign(&value)?;
        Ok(out)
    }

    /// The output for all samples, values not set.
    pub fn batched(&self, all: &[BatchDim]) -> Result<Array> {
        let layout = self.layout().unwrap_or_else(|| Layout::contiguous(&self.shape));
        Array::batched(layout, self.dtype, all)
    }

    /// The facts of the output.
    ///
    /// # Errors
    /// Its bytes cannot be addressed.
    pub fn meta(&self) -> Result<Meta> {
        match self.layout() {
            None => Meta::contiguous(&self.shape, self.dtype),
            Some(layout) => Ok(Meta::of(layout, self.dtype)),
        }
    }

    /// The layout, unless it is row-major.
    fn layout(&self) -> Option<Layout> {
        let strides = self.strides.clone()?;
        Some(Layout { shape: self.shape.clone(), strides, offset: 0 })
    }
}
