//! The parameters of an op: what may be passed, and what is used where nothing is.

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

    /// A tensor or a number.
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

/// Parameters that PyTorch keeps for older programs. All are bools or null; what they say, one of the op's own parameters
/// says, or nothing here depends on it.
#[derive(Clone, Copy)]
pub struct Older {
    /// Each with its index in PyTorch's list, which has the op's own parameters besides; in order.
    pub args: &'static [(usize, Arg)],
    /// The parameter of the op that they stand for, and its word where any of them was given.
    pub word: Option<(&'static str, OlderWord)>,
}

/// The word that older parameters mean, of which each is given or not.
pub type OlderWord = fn(&[Option<bool>]) -> &'static str;

impl Older {
    /// Most ops have none.
    pub const NONE: Older = Older { args: &[], word: None };

    /// The parameters of an op with these, as PyTorch lists them.
    pub fn merged(&self, own: &[Arg]) -> Vec<Arg> {
        let mut all = own.to_vec();
        for (index, arg) in self.args {
            all.insert((*index).min(all.len()), *arg);
        }
        all
    }
}

/// What may be passed for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A tensor.
    Tensor,
    /// A tensor, or a number, which becomes a 0-dim tensor that promotes as a number does.
    TensorOrNumber,
    /// A tensor, or an integer, which becomes one: for the overload after one with
    /// [`Kind::Scalar`], which leaves it integers that no double holds.
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
    /// A bool.
    Bool,
    /// This bool and no other, for overloads that return different things.
    Literal(bool),
    /// A list of integers; one integer is a list of one.
    Ints,
    /// A list of integers that may also be spread over the call: `x.view(2, 3)`.
    IntsSpread,
    /// A list of sizes of which some may be null; one size is a list of one. Null is
    /// [`crate::op::attrs::NULL_SIZE`].
    OptionalSizes,
    /// A list of numbers; one number is a list of one.
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

    /// Whether the argument may be several inputs.
    pub const fn is_list(self) -> bool {
        matches!(self, Kind::Tensors | Kind::TensorsSpread | Kind::OptionalTensors)
    }
}

/// What is used where an argument is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It may not be left out.
    Required,
    /// Absent: [`crate::op::Attr::None`] or no tensor.
    None,
    /// A bool.
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
