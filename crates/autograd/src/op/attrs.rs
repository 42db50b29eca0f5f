//! Attributes: the arguments of an op that are not tensors, as plain data.

use adjoint_tensor::{DType, Dims, Error, Result, Scalar};
use smallvec::SmallVec;
use std::ops::Deref;
use std::rc::Rc;

/// One argument that is not a tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    /// The argument was left out and has no default, or is `null`.
    None,
    /// A bool.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A number that keeps its kind.
    Scalar(Scalar),
    /// A list of integers.
    Ints(Rc<[i64]>),
    /// A list of floating-point numbers.
    Floats(Rc<[f64]>),
    /// An element type.
    DType(DType),
    /// One of the choices the op lists, by index.
    Choice(u8),
    /// Free text, such as the equation of an einsum.
    Text(Rc<str>),
    /// A generator of random numbers by its id, see [`adjoint_tensor::rng::with`].
    Generator(u32),
}

/// What null is in a list of sizes ([`crate::op::Kind::OptionalSizes`]).
pub const NULL_SIZE: i64 = i64::MIN;

/// The attributes of one call, in the order of the op's non-tensor arguments. A clone shares them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attrs(pub List);

/// A list of attributes that is one pointer, and nothing where it is empty: every call carries one
/// and every node keeps it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List(Option<Rc<SmallVec<[Attr; 2]>>>);

impl List {
    /// Adds one at the end.
    pub fn push(&mut self, attr: Attr) {
        Rc::make_mut(self.0.get_or_insert_default()).push(attr);
    }
}

impl Deref for List {
    type Target = [Attr];

    #[inline]
    fn deref(&self) -> &[Attr] {
        self.0.as_ref().map_or(&[], |list| list)
    }
}

impl Extend<Attr> for List {
    fn extend<T: IntoIterator<Item = Attr>>(&mut self, attrs: T) {
        attrs.into_iter().for_each(|attr| self.push(attr));
    }
}

impl FromIterator<Attr> for List {
    fn from_iter<T: IntoIterator<Item = Attr>>(attrs: T) -> Self {
        let mut list = List::default();
        list.extend(attrs);
        list
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Attr;
    type IntoIter = std::slice::Iter<'a, Attr>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Attrs {
    /// No attributes.
    pub fn new() -> Self {
        Attrs::default()
    }

    /// Adds one.
    #[must_use]
    pub fn with(mut self, attr: Attr) -> Self {
        self.0.push(attr);
        self
    }

    /// Adds an integer.
    #[must_use]
    pub fn int(self, v: i64) -> Self {
        self.with(Attr::Int(v))
    }

    /// Adds a bool.
    #[must_use]
    pub fn bool(self, v: bool) -> Self {
        self.with(Attr::Bool(v))
    }

    /// Adds a number.
    #[must_use]
    pub fn float(self, v: f64) -> Self {
        self.with(Attr::Float(v))
    }

    /// Adds a number that keeps its kind.
    #[must_use]
    pub fn scalar(self, v: impl Into<Scalar>) -> Self {
        self.with(Attr::Scalar(v.into()))
    }

    /// Adds a list of integers.
    #[must_use]
    pub fn ints(self, v: &[i64]) -> Self {
        self.with(Attr::Ints(v.into()))
    }

    /// Adds a shape as a list of integers.
    #[must_use]
    pub fn shape(self, v: &[usize]) -> Self {
        self.with(Attr::Ints(v.iter().map(|&n| n as i64).collect()))
    }

    /// Adds an element type.
    #[must_use]
    pub fn dtype(self, v: DType) -> Self {
        self.with(Attr::DType(v))
    }

    /// Adds nothing, for an argument left out.
    #[must_use]
    pub fn none(self) -> Self {
        self.with(Attr::None)
    }

    /// Attribute `i`; [`Attr::None`] past the end.
    pub fn get(&self, i: usize) -> &Attr {
        self.0.get(i).unwrap_or(&Attr::None)
    }

    /// Attribute `i` as an integer.
    pub fn get_int(&self, i: usize) -> Result<i64> {
        self.opt_int(i).ok_or_else(|| self.wrong(i, "an integer"))
    }

    /// Attribute `i` as an integer where it was given.
    pub fn opt_int(&self, i: usize) -> Option<i64> {
        match *self.get(i) {
            Attr::Int(v) => Some(v),
            Attr::Scalar(Scalar::Int(v)) => Some(v),
            _ => None,
        }
    }

    /// Attribute `i` as a bool; false where it was left out.
    pub fn get_bool(&self, i: usize) -> bool {
        matches!(self.get(i), Attr::Bool(true))
    }

    /// Attribute `i` as a double.
    pub fn get_float(&self, i: usize) -> Result<f64> {
        self.opt_float(i).ok_or_else(|| self.wrong(i, "a number"))
    }

    /// Attribute `i` as a double where it was given.
    pub fn opt_float(&self, i: usize) -> Option<f64> {
        self.opt_scalar(i).map(Scalar::to_f64)
    }

    /// Attribute `i` as a number where it was given.
    pub fn opt_scalar(&self, i: usize) -> Option<Scalar> {
        match *self.get(i) {
            Attr::Scalar(v) => Some(v),
            Attr::Int(v) => Some(Scalar::Int(v)),
            Attr::Float(v) => Some(Scalar::Float(v)),
            Attr::Bool(v) => Some(Scalar::Bool(v)),
            _ => None,
        }
    }

    /// Attribute `i` as a list of integers.
    pub fn get_ints(&self, i: usize) -> Result<&[i64]> {
        self.opt_ints(i).ok_or_else(|| self.wrong(i, "a list of integers"))
    }

    /// Attribute `i` as a list of integers where it was given.
    pub fn opt_ints(&self, i: usize) -> Option<&[i64]> {
        match self.get(i) {
            Attr::Ints(v) => Some(v),
            _ => None,
        }
    }

    /// Attribute `i` as a list of numbers.
    pub fn get_floats(&self, i: usize) -> Result<&[f64]> {
        match self.get(i) {
            Attr::Floats(v) => Ok(v),
            _ => Err(self.wrong(i, "a list of numbers")),
        }
    }

    /// Attribute `i` as a shape.
    pub fn get_shape(&self, i: usize) -> Result<Dims> {
        adjoint_tensor::array::checked_shape(self.get_ints(i)?)
    }

    /// Attribute `i` as an element type where it was given.
    pub fn opt_dtype(&self, i: usize) -> Option<DType> {
        match *self.get(i) {
            Attr::DType(v) => Some(v),
            _ => None,
        }
    }

    /// Attribute `i` as the index of a choice; the first where it was left out.
    pub fn get_choice(&self, i: usize) -> u8 {
        match *self.get(i) {
            Attr::Choice(v) => v,
            _ => 0,
        }
    }

    /// Attribute `i` as text; empty where it was left out.
    pub fn get_text(&self, i: usize) -> &str {
        match self.get(i) {
            Attr::Text(v) => v,
            _ => "",
        }
    }

    /// The generator that was given, or the default one.
    pub fn generator(&self) -> u32 {
        self.0.iter().find_map(|attr| if let Attr::Generator(id) = attr { Some(*id) } else { None }).unwrap_or(0)
    }

    #[cold]
    fn wrong(&self, i: usize, expected: &str) -> Error {
        Error::usage(format!("argument {i} must be {expected}, got {:?}", self.get(i)))
    }
}
