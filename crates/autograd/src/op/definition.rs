//! [`OpDef`]: everything there is to know about an op, as plain values and function pointers.
//!
//! Shared passes look at these properties and never at an op's name. An op file in crate `ops` is
//! one `static` of this type with the functions it points to.

use crate::graph::node::{Edge, OutMeta};
use crate::graph::tensor::Tensor;
use crate::op::arguments::{Arg, Older};
use crate::op::attrs::Attrs;
use crate::op::body::{Batching, Body, Check, Half, HalfGradient, HalfOps, Outputs, Promotion};
use crate::op::derivative::{Jvp, Saves, Vjp};
use crate::op::sample::{ErrorSample, Sample};
use adjoint_cpu::elementwise::Blocks;
use adjoint_tensor::{DType, Error};

/// One op.
pub struct OpDef {
    /// PyTorch's name in snake case; an overload adds `.something` (`max.dim`), which the public
    /// name drops.
    pub name: &'static str,
    /// The public op that an inner op is part of; empty for public ops. Messages, pictures,
    /// profiles and records name it.
    pub part_of: &'static str,
    /// The public documentation in Markdown: what it does, formula, shapes, errors, accuracy, cost,
    /// source.
    pub doc: &'static str,
    /// The parameters in PyTorch's order.
    pub args: &'static [Arg],
    /// Parameters PyTorch keeps for older programs.
    pub older: Older,
    /// The names of the outputs a caller gets. More than one makes a named tuple.
    pub outputs: &'static [&'static str],
    /// The number of further outputs, which only the derivative reads.
    pub hidden_outputs: usize,
    /// What kind of op it is, for passes that treat kinds alike.
    pub class: Class,
    /// The name of its node in a graph, PyTorch's (`MulBackward0`); of a composite, that of the node of
    /// its result where PyTorch has one op for it.
    pub node: &'static str,
    /// Exceptions to that name, and to what a node lists.
    pub shown: NodeNaming,
    /// Where it is in the public API.
    pub surface: &'static [Api],
    /// PyTorch's other names for it and for its overloads; stated by the first of those.
    pub also: &'static [Alias],
    /// Whether the facade writes its members of this name itself, since they are more than a call of the op.
    pub by_hand: bool,
    /// Whether it has an in-place form with a trailing underscore.
    pub in_place: bool,
    /// Whether it writes the same value everywhere, so that its in-place form may write a tensor of
    /// which several elements share memory.
    pub uniform: bool,
    /// How the dtypes of the inputs become that of the computation.
    pub promotion: Promotion,
    /// A check of calls beyond that of the rule.
    pub check: Check,
    /// What computes it.
    pub body: Body,
    /// Whether the body of a composite depends on values it reads, so that its outputs cannot be
    /// inferred from facts.
    pub by_values: bool,
    /// Whether it is cheap where its class does not say so: a pass or two over its inputs.
    pub cheap: bool,
    /// How its kernel is run on the samples of a `vmap`.
    pub batching: &'static Batching,
    /// How it computes in float16 and bfloat16.
    pub half: Half,
    /// The ops that compute it in float16 and bfloat16, where PyTorch composes it of several ops
    /// and each rounds.
    pub half_ops: HalfOps,
    /// Which steps of a formula's gradients round in float16 and bfloat16.
    pub half_gradient: HalfGradient,
    /// Its reverse derivative.
    pub vjp: Vjp,
    /// Its forward derivative.
    pub jvp: Jvp,
    /// The kernel of a formula whose last operand is a number, which it takes as a parameter or
    /// knows. The number does not count as an operand for the order of the result's strides.
    pub by_number: Option<fn(f64) -> &'static Blocks>,
    /// The gradient kernels of a formula, one an input. Each takes the gradient of the output, the
    /// inputs and the output.
    pub gradients: &'static [Blocks],
    /// The gradient kernels as the formula derives them, for tests to compare with `gradients`.
    pub derived: fn() -> &'static [Blocks],
    /// What the derivative reads of the forward pass.
    pub saves: Saves,
    /// The inputs in which a gradient is flat, by mask, for the gradients of the first two inputs.
    ///
    /// The gradient of `relu` asks of its input only where that is positive. PyTorch computes it by
    /// an op, whose derivative by that input is zero and not absent. So with these its derivative
    /// is zero here, too, though its formula has none.
    pub flat: [u8; 2],
    /// The inputs by which its derivative is zero, by mask: `vjp` gives none there, and the engine
    /// passes zeros on.
    pub zero_derivatives: u8,
    /// Calls that tests make.
    pub samples: fn() -> Vec<Sample>,
    /// Calls that must fail.
    pub errors: fn() -> Vec<ErrorSample>,
}

impl OpDef {
    /// The defaults of most ops; op files write `..OpDef::BASE`.
    pub const BASE: OpDef = OpDef {
        name: "",
        part_of: "",
        doc: "",
        args: &[],
        older: Older::NONE,
        outputs: &["out"],
        hidden_outputs: 0,
        class: Class::Opaque,
        node: "",
        shown: NodeNaming::PLAIN,
        surface: &[Api::Function, Api::Method],
        also: &[],
        by_hand: false,
        in_place: false,
        uniform: false,
        promotion: Promotion::Keep,
        check: Check::Nothing,
        body: Body::Composite(|_, _| Ok(Outputs::new())),
        by_values: false,
        cheap: false,
        batching: &Batching::Loop,
        half: Half::Rounded,
        half_ops: HalfOps::Kernel,
        half_gradient: HalfGradient::Steps,
        vjp: Vjp::None("not stated"),
        jvp: Jvp::Transposed,
        by_number: None,
        gradients: &[],
        derived: || &[],
        saves: Saves::NOTHING,
        flat: [0; 2],
        zero_derivatives: 0,
        samples: Vec::new,
        errors: Vec::new,
    };

    /// Whether a call costs little more than reading its inputs, so that a result may be made again
    /// instead of being kept.
    pub fn is_cheap(&self) -> bool {
        self.cheap || matches!(self.class, Class::Elementwise | Class::Reduce | Class::View)
    }

    /// The defaults of composites; their files write `..OpDef::COMPOSITE`.
    pub const COMPOSITE: OpDef = OpDef { class: Class::Composite, vjp: Vjp::Composite, ..OpDef::BASE };

    /// The op as it is shipped; the last call of every definition. Without the feature `reference`,
    /// texts, samples and what tests compare with are left out: only reference pages and tests read
    /// them, and they would be a fifth of the binary.
    #[must_use]
    pub const fn shipped(self) -> OpDef {
        if cfg!(feature = "reference") {
            self
        } else {
            let OpDef { doc, derived, samples, errors, .. } = OpDef::BASE;
            OpDef { doc, derived, samples, errors, ..self }
        }
    }

    /// The name in messages: without the overload, and for an inner op that of its public op.
    pub fn shown_name(&self) -> &'static str {
        if self.part_of.is_empty() { self.public_name() } else { self.part_of }
    }

    /// The name as it is called: with an underscore where it writes its first input, or there is no
    /// other form.
    pub fn called(&self, in_place: bool) -> String {
        let only_in_place = self.surface == [Api::InPlaceMethod];
        format!("{}{}", self.shown_name(), if in_place || only_in_place { "_" } else { "" })
    }

    /// Names the op in an error, instead of the op inside it that failed, since users know the one
    /// they called. Errors of inner ops are named by their callers.
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
pub enum Api {
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
    /// A member of `fft`.
    Fft,
    /// A member of `masked`.
    Masked,
    /// A member of `signal.windows`.
    Windows,
}

/// Another name of an op, which is the same call: a record or a profile shows the op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// PyTorch's name in snake case.
    pub name: &'static str,
    /// Where it is in the public API. A method has an in-place form where the op has one.
    pub surface: &'static [Api],
}

impl Alias {
    /// A free function and a method.
    pub const fn both(name: &'static str) -> Alias {
        Alias { name, surface: &[Api::Function, Api::Method] }
    }

    /// A free function.
    pub const fn function(name: &'static str) -> Alias {
        Alias { name, surface: &[Api::Function] }
    }

    /// A member of `special`.
    pub const fn special(name: &'static str) -> Alias {
        Alias { name, surface: &[Api::Special] }
    }
}

/// Names and edges of an op's nodes where PyTorch has several derivatives for one op of ours, or
/// none for an input.
#[derive(Clone, Copy, Debug)]
pub struct NodeNaming {
    /// The name of the node, from the call; [`OpDef::node`] otherwise.
    pub name: Option<fn(&Named) -> &'static str>,
    /// The inputs that are not listed among the next functions, by mask: indices and masks.
    pub unlisted: u8,
    /// Whether numbers are not listed either, as where PyTorch has an overload for a number.
    pub lists_numbers: bool,
    /// Of a composite: the name of the node of its result, from the call, where PyTorch has one op
    /// for all of it; empty where the node has the name of the op that made it.
    pub result: Option<NameOfResult>,
    /// PyTorch's names of what a node saves, where they are not those of the parameters and outputs.
    pub saved: &'static [(&'static str, &'static str)],
}

/// Names the node of a composite's result.
pub type NameOfResult = fn(inputs: &[Option<&Tensor>], attrs: &Attrs) -> &'static str;

impl NodeNaming {
    /// One name, and every input is listed.
    pub const PLAIN: NodeNaming = NodeNaming { name: None, unlisted: 0, lists_numbers: true, result: None, saved: &[] };

    /// The inputs of the mask are not listed.
    pub const fn without(unlisted: u8) -> NodeNaming {
        NodeNaming { unlisted, ..NodeNaming::PLAIN }
    }

    /// The name depends on the call, and numbers are not listed.
    pub const fn by_number(name: fn(&Named) -> &'static str) -> NodeNaming {
        NodeNaming { name: Some(name), lists_numbers: false, ..NodeNaming::PLAIN }
    }

    /// The name depends on the call.
    pub const fn by_call(name: fn(&Named) -> &'static str) -> NodeNaming {
        NodeNaming { name: Some(name), ..NodeNaming::PLAIN }
    }

    /// The name of a composite's result depends on the call.
    pub const fn of_result(name: NameOfResult) -> NodeNaming {
        NodeNaming { result: Some(name), ..NodeNaming::PLAIN }
    }

    /// The same, with PyTorch's names of what is saved.
    pub const fn saving(self, saved: &'static [(&'static str, &'static str)]) -> NodeNaming {
        NodeNaming { saved, ..self }
    }
}

/// What the name of a node may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The arguments that are not tensors.
    pub attrs: &'a Attrs,
    /// The inputs that are numbers, by mask.
    pub numbers: u8,
    /// The edges to the nodes of the inputs.
    pub edges: &'a [Option<Edge>],
    /// Shapes and dtypes of the outputs.
    pub outputs: &'a [OutMeta],
}

impl Named<'_> {
    /// Whether input `i` is a number.
    pub const fn is_number(&self, i: usize) -> bool {
        self.numbers >> i & 1 == 1
    }

    /// The dims of input `i`, where its gradient is wanted.
    pub fn rank(&self, i: usize) -> Option<usize> {
        self.edges.get(i)?.as_ref().map(|edge| edge.meta().shape().len())
    }
}
