//! [`OpDef`]: everything there is to know about an op, as plain values and function pointers.
//!
//! Shared passes look at these properties and never at an op's name. An op file in crate `ops` is one `static` of this
//! type with the functions it points to.

use crate::op::arguments::Arg;
use crate::op::attrs::Attrs;
use crate::op::body::{Body, Check, Half, HalfGradient, HalfOps, Outputs, Promotion};
use crate::op::derivative::{Jvp, Saves, Vjp};
use crate::op::sample::{ErrorSample, Sample};
use adjoint_cpu::elementwise::Blocks;
use adjoint_tensor::{DType, Error};

/// One op.
pub struct OpDef {
    /// PyTorch's name in snake case; an overload adds `.something` (`max.dim`), which the public name drops.
    pub name: &'static str,
    /// Of an op that only other ops call, the public op it is part of: messages, pictures, profiles and records name that.
    pub part_of: &'static str,
    /// The public text, Markdown: what, formula, shapes, errors, accuracy, cost, source.
    pub doc: &'static str,
    /// The parameters in PyTorch's order.
    pub args: &'static [Arg],
    /// The names of the outputs a caller gets. More than one makes a named tuple.
    pub outputs: &'static [&'static str],
    /// How many further outputs only the derivative reads.
    pub hidden_outputs: usize,
    /// What kind of op it is, for passes that treat kinds alike.
    pub class: Class,
    /// The name of its node in a graph, PyTorch's (`MulBackward0`).
    pub node: &'static str,
    /// How its nodes differ from that, where they do.
    pub shown: Shown,
    /// Where the public API shows it.
    pub surface: &'static [Surface],
    /// Whether there is an in-place form with a trailing underscore; a method where the op is one.
    pub in_place: bool,
    /// Whether it writes the same value everywhere, so that its in-place form may write a tensor of which several elements
    /// share memory.
    pub uniform: bool,
    /// How the dtypes of the inputs become that of the computation.
    pub promotion: Promotion,
    /// What forbids a call for reasons other than facts its rule or promotion refuses.
    pub check: Check,
    /// What computes it.
    pub body: Body,
    /// Of a composite, whether its body goes by values it reads, so that facts do not tell its outputs.
    pub by_values: bool,
    /// How it computes in float16 and bfloat16.
    pub half: Half,
    /// The ops that compute it where an input is float16 or bfloat16: of what PyTorch makes of several ops, each of which rounds.
    pub half_ops: HalfOps,
    /// What rounds in the gradients of a formula where they are float16 or bfloat16.
    pub half_gradient: HalfGradient,
    /// Its reverse derivative.
    pub vjp: Vjp,
    /// Its forward derivative.
    pub jvp: Jvp,
    /// Of a formula whose last operand may be a number, what computes it then: from the other operands and, where it has a
    /// parameter, from the number. That is no operand for the order of the result's strides either.
    pub by_number: Option<fn(f64) -> &'static Blocks>,
    /// Of an op that is a formula, the kernels of its derivative: the gradient of each input, from the gradient of the
    /// output, the inputs and the output.
    pub gradients: &'static [Blocks],
    /// What the derivative reads of the forward pass.
    pub saves: Saves,
    /// The formula as text, a line for the value and one for each derivative; empty where there is none to print.
    pub formula: fn() -> Vec<String>,
    /// Calls that tests make.
    pub samples: fn() -> Vec<Sample>,
    /// Calls that must fail.
    pub errors: fn() -> Vec<ErrorSample>,
}

impl OpDef {
    /// What most ops have; op files write `..OpDef::BASE`.
    pub const BASE: OpDef = OpDef {
        name: "",
        part_of: "",
        doc: "",
        args: &[],
        outputs: &["out"],
        hidden_outputs: 0,
        class: Class::Opaque,
        node: "",
        shown: Shown::PLAIN,
        surface: &[Surface::Function, Surface::Method],
        in_place: false,
        uniform: false,
        promotion: Promotion::Keep,
        check: Check::Nothing,
        body: Body::Composite(|_, _| Ok(Outputs::new())),
        by_values: false,
        half: Half::Rounded,
        half_ops: HalfOps::Kernel,
        half_gradient: HalfGradient::Steps,
        vjp: Vjp::None("not stated"),
        jvp: Jvp::Transposed,
        by_number: None,
        gradients: &[],
        saves: Saves::NOTHING,
        formula: Vec::new,
        samples: Vec::new,
        errors: Vec::new,
    };

    /// What ops made of other ops have; their files write `..OpDef::COMPOSITE`.
    pub const COMPOSITE: OpDef = OpDef { class: Class::Composite, vjp: Vjp::Composite, ..OpDef::BASE };

    /// The op as the build ships it; the last call of every op's definition. Without the feature `reference` what only
    /// the reference pages and the tests read is left out: texts, formulas and samples would be a fifth of the binary.
    #[must_use]
    pub const fn shipped(self) -> OpDef {
        if cfg!(feature = "reference") {
            self
        } else {
            let OpDef { doc, formula, samples, errors, .. } = OpDef::BASE;
            OpDef { doc, formula, samples, errors, ..self }
        }
    }

    /// The name of the op in messages: without the overload, and of an inner op that of the op it is part of.
    pub fn shown_name(&self) -> &'static str {
        if self.part_of.is_empty() { self.public_name() } else { self.part_of }
    }

    /// The name as it is called: with an underscore where it writes its first input, or there is no other form.
    pub fn called(&self, in_place: bool) -> String {
        let only_in_place = self.surface == [Surface::InPlaceMethod];
        format!("{}{}", self.shown_name(), if in_place || only_in_place { "_" } else { "" })
    }

    /// Names the op in an error, in place of an op inside it that failed: users know the one they called. What fails in an
    /// inner op is for its caller to name.
    #[cold]
    pub(crate) fn named_in(&self, error: Error, in_place: bool) -> Error {
        if self.part_of.is_empty() { error.called_as(&self.called(in_place)) } else { error }
    }

    /// Whether the last attribute says how long its lists of tensors are: see [`Body::Update`].
    pub fn has_lengths(&self) -> bool {
        matches!(self.body, Body::Update { .. })
    }

    /// Whether gradients of this dtype are to be computed step by step.
    #[inline]
    pub fn rounds_gradients(&self, dtype: DType) -> bool {
        dtype.is_half() && self.half_gradient == HalfGradient::Steps
    }

    /// The name without the overload.
    pub fn public_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(name, _)| name)
    }
}

impl std::fmt::Debug for OpDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Kinds of op, for passes that treat a kind alike (batching, fusion, the profiler).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Element by element with broadcasting.
    Elementwise,
    /// Folds dims away.
    Reduce,
    /// A view of the same storage.
    View,
    /// Sums of products: matmul, convolution.
    Contract,
    /// Moves elements by index.
    Index,
    /// Draws random numbers.
    Random,
    /// Makes a tensor from nothing.
    Factory,
    /// A body made of other ops.
    Composite,
    /// None of these.
    Opaque,
}

/// A place in the public API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A free function.
    Function,
    /// A method of the first argument.
    Method,
    /// A method of the first argument of which only the in-place form (`copy_`) is public.
    InPlaceMethod,
    /// A member of `nn.functional`.
    Functional,
    /// A member of `linalg`.
    Linalg,
    /// A member of `special`.
    Special,
}

/// How the nodes of an op show themselves where PyTorch has several derivatives for what is one op here, or does not count
/// an input among those that have one.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The name by the call, in place of [`OpDef::node`].
    pub name: Option<fn(&Named) -> &'static str>,
    /// The inputs that are not listed among the next functions, by mask: indices and masks.
    pub unlisted: u8,
    /// Whether numbers are not listed either, as where PyTorch has an overload for a number.
    pub lists_numbers: bool,
}

impl Shown {
    /// One name, and every input is listed.
    pub const PLAIN: Shown = Shown { name: None, unlisted: 0, lists_numbers: true };

    /// The inputs of the mask are not listed.
    pub const fn without(unlisted: u8) -> Shown {
        Shown { unlisted, ..Shown::PLAIN }
    }

    /// The name depends on the call, and numbers are not listed.
    pub const fn by_number(name: fn(&Named) -> &'static str) -> Shown {
        Shown { name: Some(name), unlisted: 0, lists_numbers: false }
    }
}

/// What the name of a node may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The arguments that are no tensors.
    pub attrs: &'a Attrs,
    /// The inputs that are numbers, by mask.
    pub numbers: u8,
}

impl Named<'_> {
    /// Whether input `i` is a number.
    pub const fn is_number(&self, i: usize) -> bool {
        self.numbers >> i & 1 == 1
    }
}
