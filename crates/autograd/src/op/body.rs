//! What computes an op: promotion, checks, kernels, and half precision.

use crate::graph::tensor::Tensor;
use crate::op::OpDef;
use crate::op::attrs::Attrs;
use crate::op::call::{Call, Facts, Specs};
use adjoint_cpu::elementwise::Blocks;
use adjoint_cpu::optimizer::Step;
use adjoint_tensor::batch::BatchDim;
use adjoint_tensor::{Array, DType, Layout, Meta, Result};
use smallvec::SmallVec;

/// The outputs of a call.
pub type Outputs = SmallVec<[Tensor; 1]>;

/// The outputs of a kernel.
pub type Arrays = SmallVec<[Array; 1]>;

/// Up to four numbers a kernel takes besides its tensors.
pub type Params = SmallVec<[f64; 4]>;

/// How a kernel is run on the samples of a `vmap`. Elementwise loops and views need no such thing:
/// they go over any dims.
#[derive(Clone, Copy)]
pub enum Batching {
    /// On one after the other.
    Loop,
    /// On all at once, since dims in front are of no account to it: theirs are ordinary ones of
    /// some inputs, and of every output.
    Leading {
        /// The attributes that are dims of the first of those inputs. A list that is absent stands
        /// for all dims; it does not serve where that is empty, or a single dim is absent.
        dims: &'static [usize],
        /// Those inputs, by mask; the others must be the same for all samples.
        inputs: u8,
    },
    /// As the call of another op that gives the same values, with the attributes as that has them.
    As(&'static OpDef, fn(&Attrs) -> Attrs),
    /// By a function of all samples, which knows their dims and what comes out for one; `None`
    /// where it does not serve.
    Rule(fn(&Call, &[BatchDim], &Specs) -> Result<Option<Arrays>>),
}

impl Batching {
    /// [`Batching::Leading`] for all inputs, with the attributes that are dims.
    pub const fn leading(dims: &'static [usize]) -> Batching {
        Batching::Leading { dims, inputs: u8::MAX }
    }
}

/// How the dtypes of the inputs become that of the computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promotion {
    /// PyTorch's `result_type` of all inputs and [`Kind::Scalar`] attributes.
    Common,
    /// The same, but bools become int64, as beside an integer.
    Integral,
    /// As `Common`, but integers and bools become the default floating dtype.
    Float,
    /// As `Common`; the result is bool.
    Compare,
    /// The dtype of input 0, to which the others are cast.
    First,
    /// As `Common` over the inputs from this index on; earlier ones are cast to the result.
    CommonFrom(u8),
    /// None: the kernel sees the inputs as they are.
    Keep,
}

/// A check of calls beyond that of the rule: the only part of a definition that reads values before
/// the kernel does.
#[derive(Clone, Copy)]
pub enum Check {
    /// No check.
    Nothing,
    /// A check of the attributes alone where the inputs are floating, so that its answer holds for
    /// all calls with the same ones.
    Attributes(fn(&[Option<&Tensor>], &Attrs, DType) -> Result<()>),
    /// A check of every call, given the dtype of the computation; for a composite, before its body.
    Calls(fn(&[Option<&Tensor>], &Attrs, DType) -> Result<()>),
    /// A check of the values of a kernel's inputs, after the rule. It reads once: what it returns
    /// is [`Call::checked`].
    Values(fn(&Call) -> Result<Arrays>),
}

impl Check {
    /// Fails where the call is forbidden.
    #[inline]
    pub fn run(self, inputs: &[Option<&Tensor>], attrs: &Attrs, dtype: DType) -> Result<()> {
        match self {
            Check::Nothing | Check::Values(_) => Ok(()),
            Check::Attributes(f) | Check::Calls(f) => f(inputs, attrs, dtype),
        }
    }

    /// Checks the values of a kernel's inputs; returns what was read of them.
    #[inline]
    pub(crate) fn values(self, call: &Call) -> Result<Arrays> {
        if let Check::Values(f) = self { f(call) } else { Ok(Arrays::new()) }
    }
}

/// What computes an op.
#[derive(Clone, Copy)]
pub enum Body {
    /// A block kernel run over broadcast, promoted operands; `params` turns attributes into its
    /// numbers.
    Elementwise {
        /// The kernels by dtype.
        blocks: Blocks,
        /// The numbers they take.
        params: fn(&Attrs) -> Result<Params>,
    },
    /// A rule that says the outputs' shapes and dtypes, and a kernel that fills them.
    Kernel {
        /// Checks facts and attributes. What else can be wrong is found by [`Check::Values`],
        /// before anything is written.
        rule: fn(&Facts) -> Result<Specs>,
        /// Writes the outputs, which are fresh and contiguous.
        run: fn(&Call, &mut [Array]) -> Result<()>,
    },
    /// A kernel whose output shapes may depend on the values.
    Dynamic {
        /// Checks facts and attributes. Returns the outputs' shapes and dtypes, or `None` where
        /// they depend on values.
        rule: fn(&Facts) -> Result<Option<Specs>>,
        /// Makes the outputs.
        run: fn(&Call) -> Result<Arrays>,
    },
    /// Another layout on the first input's storage.
    View(fn(&Meta, &Attrs) -> Result<Layout>),
    /// Several layouts on the first input's storage.
    Views(fn(&Meta, &Attrs) -> Result<Vec<Layout>>),
    /// Other ops; derivatives flow through them.
    Composite(fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>),
    /// A step of an optimizer, which takes lists of tensors: the parameters, their gradients, and a
    /// list for each state. All but the gradients are written. The last attribute holds the lengths
    /// of the lists: that of the parameters, or 0 for a state that the step does not use.
    Update {
        /// Checks facts and attributes beyond what all steps ask for.
        rule: fn(&Facts) -> Result<()>,
        /// Takes the step of the parameter with this index.
        run: fn(&Attrs, usize, &Step) -> Result<()>,
    },
}

/// How an op rounds in float16 and bfloat16, which are computed in float32 as in PyTorch's CPU
/// kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// A kernel's results are rounded once, and operands of another dtype before it computes;
    /// scalar parameters are exact. Each op of a composite rounds.
    Rounded,
    /// The same, and a number or 0-dim tensor of another dtype as last operand is exact too.
    ExactNumber,
    /// The same as `Rounded`, and scalar parameters are rounded first.
    RoundedParams,
    /// For a composite that is one kernel in PyTorch: only its result is rounded.
    Once,
    /// A kernel that moves elements, or makes them in any dtype by itself: it sees them as they
    /// are.
    Native,
}

/// Computes the value of an op by other ops; `None` for dtypes that its kernel computes.
pub type HalfValue = fn(&[Option<&Tensor>], &Attrs) -> Result<Option<Tensor>>;

/// What computes an op in float16 and bfloat16.
#[derive(Clone, Copy)]
pub enum HalfOps {
    /// Its body.
    Kernel,
    /// Ops that are called instead, with their own derivatives: PyTorch has no such op.
    Called(fn(&[Option<&Tensor>], &Attrs) -> Result<Tensor>),
    /// Ops that compute its value; the derivative is the op's own.
    Value(HalfValue),
}

/// Which steps of a formula's gradients round in float16 and bfloat16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfGradient {
    /// Each step, as where PyTorch's derivative is made of ops.
    Steps,
    /// The result, as where PyTorch has a kernel for it.
    Once,
}
