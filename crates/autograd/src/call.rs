//! [`Call`]: what a kernel sees of a call, and [`Spec`], what its outputs will be.

use crate::attrs::Attrs;
use crate::op::OpDef;
use adjoint_tensor::{Array, DType, Dims, Error, Layout, Result, Strides, order};
use smallvec::{SmallVec, smallvec};

/// A call without the tape: arrays and attributes.
pub struct Call<'a> {
    /// The op.
    pub op: &'static OpDef,
    /// The inputs in the order of the op's tensor parameters, lists spread out; `None` where one was left out.
    pub inputs: &'a [Option<&'a Array>],
    /// The other arguments.
    pub attrs: &'a Attrs,
}

impl<'a> Call<'a> {
    /// Input `i`, which must have been given.
    ///
    /// # Panics
    /// If it was left out; optional inputs are read from [`Call::inputs`].
    pub fn input(&self, i: usize) -> &'a Array {
        self.inputs[i].expect("a required input is present")
    }

    /// Fails unless all given inputs have the same dtype, which is returned.
    pub fn same_dtype(&self) -> Result<DType> {
        let mut found: Option<DType> = None;
        for array in self.inputs.iter().flatten() {
            match found {
                None => found = Some(array.dtype()),
                Some(t) if t != array.dtype() => {
                    return Err(Error::dtype(format!(
                        "expected operands of one dtype, got {} and {}; cast with to()",
                        t.name(),
                        array.dtype().name()
                    ))
                    .with("lhs", t.name())
                    .with("rhs", array.dtype().name()));
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
    pub fn like(x: &Array, dtype: DType) -> Specs {
        let strides = if x.has_usual_strides() { None } else { Some(order::preserved(x.layout()).strides) };
        smallvec![Spec { strides, ..Spec::new(x.shape(), dtype) }]
    }

    /// The output, values not set.
    pub(crate) fn empty(&self) -> Result<Array> {
        match &self.strides {
            None => Array::empty(&self.shape, self.dtype),
            Some(strides) => {
                let layout = Layout { shape: self.shape.clone(), strides: strides.clone(), offset: 0 };
                Array::laid_out(layout, self.dtype)
            }
        }
    }
}
