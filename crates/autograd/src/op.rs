//! [`OpDef`]: everything there is to know about an op, as plain values and function pointers.
//!
//! Shared passes look at these properties and never at an op's name. An op file in crate `ops` is one `static` of this
//! type with the functions it points to.

use crate::attrs::Attrs;
use crate::backward::{Backward, Grads};
use crate::call::{Call, Facts, Specs};
use crate::forward_mode::Tangents;
use crate::sample::{ErrorSample, Sample};
use crate::tensor::Tensor;
use adjoint_tensor::apply::Blocks;
use adjoint_tensor::optimizer::Step;
use adjoint_tensor::{Array, DType, Error, Layout, Meta, Result};
use smallvec::SmallVec;

/// The outputs of a call.
pub type Outputs = SmallVec<[Tensor; 1]>;

/// The outputs of a kernel.
pub type Arrays = SmallVec<[Array; 1]>;

/// Up to four numbers a kernel takes besides its tensors.
pub type Params = SmallVec<[f64; 4]>;

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
    /// are one place in memory.
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
    /// Of a formula whose last operand may be a plain number, what computes it then: from the other operands and, where it has a
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

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arg {
    /// PyTorch's name in snake case.
    pub name: &'static str,
    /// What may be passed.
    pub kind: Kind,
    /// What is used where nothing is passed.
    pub default: Default,
}

impl Arg {
    /// A tensor that must be given.
    pub const fn tensor(name: &'static str) -> Arg {
        Arg { name, kind: Kind::Tensor, default: Default::Required }
    }

    /// A tensor or a plain number.
    pub const fn number(name: &'static str) -> Arg {
        Arg { name, kind: Kind::TensorOrNumber, default: Default::Required }
    }

    /// A parameter that must be given.
    pub const fn required(name: &'static str, kind: Kind) -> Arg {
        Arg { name, kind, default: Default::Required }
    }

    /// A parameter that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, default: Default) -> Arg {
        Arg { name, kind, default }
    }
}

/// What may be passed for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A tensor.
    Tensor,
    /// A tensor, or a number, which becomes a 0-dim tensor that promotes as a number does.
    TensorOrNumber,
    /// A tensor, or an integer, which becomes one: for the overload after one with [`Kind::Scalar`], which leaves it integers
    /// that no double holds.
    TensorOrWide,
    /// A list of tensors; at most one such parameter an op, but for those of [`Body::Update`].
    Tensors,
    /// The same, which may also be spread over the call: `meshgrid(x, y)`.
    TensorsSpread,
    /// A list of tensors and nulls; counts as the op's one list.
    OptionalTensors,
    /// A number that takes part in promotion and is held by a double.
    Scalar,
    /// A number that does not.
    Factor,
    /// An integer.
    Int,
    /// A floating-point number.
    Float,
    /// A truth value.
    Bool,
    /// This bool and no other, for overloads that return different things.
    Literal(bool),
    /// A list of integers; one integer is a list of one.
    Ints,
    /// A list of integers that may also be spread over the call: `x.view(2, 3)`.
    IntsSpread,
    /// A list of sizes of which some may be null; one size is a list of one. Null is [`crate::attrs::NULL_SIZE`].
    OptionalSizes,
    /// A list of numbers.
    Floats,
    /// An element type.
    DType,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Free text.
    Text,
    /// A generator of random numbers.
    Generator,
}

impl Kind {
    /// Whether the argument becomes an input of the op rather than an attribute.
    pub const fn is_tensor(self) -> bool {
        matches!(
            self,
            Kind::Tensor
                | Kind::TensorOrNumber
                | Kind::TensorOrWide
                | Kind::Tensors
                | Kind::TensorsSpread
                | Kind::OptionalTensors
        )
    }
}

/// What is used where an argument is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It may not be left out.
    Required,
    /// Absent: [`crate::Attr::None`] or no tensor.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A word.
    Word(&'static str),
    /// A list of integers.
    Ints(&'static [i64]),
}

/// Kinds of op, for passes that treat a kind alike (batching, fusion, the profiler).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Element by element with broadcasting.
    Elementwise,
    /// Folds dims away.
    Reduce,
    /// Another window on the same storage.
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
    /// Whether plain numbers are not listed either, as where PyTorch has an overload for a number.
    pub lists_numbers: bool,
}

impl Shown {
    /// One name, and every input is listed.
    pub const PLAIN: Shown = Shown { name: None, unlisted: 0, lists_numbers: true };

    /// The inputs of the mask are not listed.
    pub const fn without(unlisted: u8) -> Shown {
        Shown { unlisted, ..Shown::PLAIN }
    }

    /// The name depends on the call, and plain numbers are not listed.
    pub const fn by_number(name: fn(&Named) -> &'static str) -> Shown {
        Shown { name: Some(name), unlisted: 0, lists_numbers: false }
    }
}

/// What the name of a node may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The arguments that are no tensors.
    pub attrs: &'a Attrs,
    /// The inputs that are plain numbers, by mask.
    pub numbers: u8,
}

impl Named<'_> {
    /// Whether input `i` is a plain number.
    pub const fn is_number(&self, i: usize) -> bool {
        self.numbers >> i & 1 == 1
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

/// What forbids a call beyond what its rule says: the one part of a definition that reads values before the kernel does.
#[derive(Clone, Copy)]
pub enum Check {
    /// Nothing does.
    Nothing,
    /// Of calls with floating inputs only the attributes do, so that calls with the same attributes need no new answer.
    Attributes(fn(&[Option<&Tensor>], &Attrs, DType) -> Result<()>),
    /// Every call is looked at, given the dtype of the computation; of a composite before its body.
    Calls(fn(&[Option<&Tensor>], &Attrs, DType) -> Result<()>),
    /// Of a kernel, what only values tell. It runs behind the rule and reads once: what it returns is [`Call::checked`].
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

    /// Fails where the values of a kernel's inputs forbid the call; returns what was read of them.
    #[inline]
    pub(crate) fn values(self, call: &Call) -> Result<Arrays> {
        if let Check::Values(f) = self { f(call) } else { Ok(Arrays::new()) }
    }
}

/// What computes an op.
#[derive(Clone, Copy)]
pub enum Body {
    /// A block kernel run over broadcast, promoted operands; `params` turns attributes into its numbers.
    Elementwise {
        /// The kernels by dtype.
        blocks: Blocks,
        /// The numbers they take.
        params: fn(&Attrs) -> Result<Params>,
    },
    /// A rule that says the outputs' shapes and dtypes, and a kernel that fills them.
    Kernel {
        /// Checks facts and attributes. What else can be wrong is found by [`Check::Values`], before anything is written.
        rule: fn(&Facts) -> Result<Specs>,
        /// Writes the outputs, which are fresh and contiguous.
        run: fn(&Call, &mut [Array]) -> Result<()>,
    },
    /// A kernel whose output shapes may depend on the values.
    Dynamic {
        /// Checks facts and attributes, and says the outputs' shapes and dtypes where they tell; `None` where values do.
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
    /// A step of an optimizer, which writes lists of tensors: the parameters, their gradients, and what is remembered of
    /// each, one list for everything that is. All but the gradients are written. The last attribute says how long each list
    /// is: as long as that of the parameters, or empty where the step does without.
    Update {
        /// Checks facts and attributes beyond what all steps ask for.
        rule: fn(&Facts) -> Result<()>,
        /// Takes the step of the parameter with this index.
        run: fn(&Attrs, usize, &Step) -> Result<()>,
    },
}

/// How an op computes in float16 and bfloat16: always in float32, as PyTorch's CPU kernels do. What differs is what is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// A kernel's results are rounded once, and so is what it takes of another dtype before it computes; scalar
    /// parameters are exact. Each op of a composite rounds.
    Rounded,
    /// The same, and a number or 0-dim tensor of another dtype as last operand is exact too.
    ExactNumber,
    /// The same as `Rounded`, and scalar parameters are rounded first.
    RoundedParams,
    /// Of a composite that is one kernel in PyTorch: only its result is rounded.
    Once,
    /// A kernel that moves elements, or makes them in any dtype by itself: it sees them as they are.
    Native,
}

/// The value of an op by other ops; none for dtypes in which its kernel gives it.
pub type HalfValue = fn(&[Option<&Tensor>], &Attrs) -> Result<Option<Tensor>>;

/// What computes an op in float16 and bfloat16.
#[derive(Clone, Copy)]
pub enum HalfOps {
    /// Its body.
    Kernel,
    /// Ops that are called instead, and have their own derivatives: in PyTorch there is no such op.
    Called(fn(&[Option<&Tensor>], &Attrs) -> Result<Tensor>),
    /// Ops that compute its value, or none for dtypes in which PyTorch does it in one; the derivative is the op's own.
    Value(HalfValue),
}

/// What rounds in the gradients of a formula in float16 and bfloat16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfGradient {
    /// Each step, as where PyTorch's derivative is made of ops.
    Steps,
    /// The result, as where PyTorch has a kernel for it.
    Once,
}

impl OpDef {
    /// Whether gradients of this dtype are to be computed step by step.
    #[inline]
    pub fn rounds_gradients(&self, dtype: DType) -> bool {
        dtype.is_half() && self.half_gradient == HalfGradient::Steps
    }
}

/// The reverse derivative.
#[derive(Clone, Copy)]
pub enum Vjp {
    /// Gradients of the inputs from gradients of the outputs, written with differentiable ops.
    Fn(fn(&Backward) -> Result<Grads>),
    /// The same, and where only values are asked for the kernels in [`OpDef::gradients`] give just what it gives.
    Formula(fn(&Backward) -> Result<Grads>),
    /// There is none, and why.
    None(&'static str),
    /// The body is made of ops that have theirs.
    Composite,
}

impl Vjp {
    /// The function, where there is one.
    #[inline]
    pub const fn function(&self) -> Option<fn(&Backward) -> Result<Grads>> {
        match *self {
            Vjp::Fn(f) | Vjp::Formula(f) => Some(f),
            Vjp::None(_) | Vjp::Composite => None,
        }
    }
}

/// The forward derivative.
#[derive(Clone, Copy)]
pub enum Jvp {
    /// Linear in all its tensors together: the op applied to the tangents.
    Linear,
    /// Linear in each tensor: the sum over tensors of the op with that one replaced by its tangent.
    Multilinear,
    /// From the reverse derivative, which is linear in `g`, transposed by differentiating it once more.
    Transposed,
    /// A formula.
    Fn(fn(&Tangents) -> Result<Outputs>),
}

/// What a derivative reads of the forward pass.
///
/// `inputs[i]` and `outputs[i]` are bit masks of the inputs and outputs the gradient of input `i` needs; past the end of
/// a slice nothing is needed. Only what the gradients really wanted need is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saves {
    /// Inputs by wanted gradient.
    pub inputs: &'static [u8],
    /// Outputs by wanted gradient.
    pub outputs: &'static [u8],
}

impl Saves {
    /// Nothing.
    pub const NOTHING: Saves = Saves { inputs: &[], outputs: &[] };
    /// The only input.
    pub const INPUT: Saves = Saves { inputs: &[1], outputs: &[] };
    /// The only output.
    pub const OUTPUT: Saves = Saves { inputs: &[], outputs: &[1] };
    /// The only input and the only output.
    pub const BOTH: Saves = Saves { inputs: &[1], outputs: &[1] };
}
