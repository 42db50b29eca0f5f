//! From the arguments of a call to the inputs and attributes of an op, as its parameters say.

use crate::arguments::{Arguments, Given};
use crate::describe;
use crate::older;
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_autograd::{Arg, Attr, Attrs, Default, Kind, OpDef, Tensor, forward_mode};
use adjoint_ops::naming::numpy_names;
use adjoint_tensor::{DType, Error, Scalar};
use smallvec::SmallVec;

/// The inputs of a call, in the order of the op's tensor parameters, lists spread out.
pub type Inputs = SmallVec<[Option<Tensor>; 3]>;

/// Why arguments do not fit an op.
#[derive(Debug)]
pub enum Mismatch {
    /// This parameter got something of another kind.
    Kind {
        /// The parameter.
        arg: &'static Arg,
        /// What it got.
        given: Given,
    },
    /// This required parameter got nothing.
    Missing(&'static Arg),
    /// More were given than there are parameters.
    TooMany(usize),
    /// No parameter has this name.
    Unknown(String),
    /// Given by position and by name.
    Twice(&'static Arg),
    /// There is no memory for the tensor that a number stands for.
    OutOfMemory(Error),
}

/// The values for the parameters of an op.
#[derive(Default)]
pub struct Decoded {
    /// The inputs, in the order of the tensor parameters.
    pub inputs: Inputs,
    /// The attributes.
    pub attrs: Attrs,
    /// How many arguments are of another kind than their parameter and only stand for one of it: a
    /// 0-dim tensor for a number, an integer for a list of one, a bool for a number. The overload
    /// with the fewest conversions is called.
    pub conversions: usize,
}

/// The values for each parameter of `op`, or why the arguments do not fit. `names` are those of
/// [`Arguments::named`].
pub fn decode(op: &'static OpDef, args: &Arguments, names: &[String]) -> Result<Decoded, Mismatch> {
    if op.older.args.is_empty() {
        return decode_own(op, args, names);
    }
    let (own, says_something) = match older::translated(op, args, names)? {
        Some(translated) => translated,
        None => return decode_own(op, args, names),
    };
    // With only nulls at the indices of older parameters, the call may leave these out.
    decode_own(op, &own, names).or_else(|why| if says_something { Err(why) } else { decode_own(op, args, names) })
}

/// The same without older parameters.
fn decode_own(op: &'static OpDef, args: &Arguments, names: &[String]) -> Result<Decoded, Mismatch> {
    let mut out = Decoded::default();
    let mut next = 0;
    let mut lengths: SmallVec<[i64; 6]> = SmallVec::new();
    for arg in op.args {
        let mut of_this = args.named.iter().filter(|(i, _)| names.get(*i).is_some_and(|n| is_parameter(n, arg.name)));
        let by_name = of_this.next();
        if of_this.next().is_some() {
            return Err(Mismatch::Twice(arg));
        }
        if let (Kind::Tensors, Some(Given::Tensors(list)), None) = (arg.kind, args.positional.get(next), by_name)
            && list.iter().all(Option::is_some)
        {
            // The usual list, which is not copied twice.
            out.inputs.extend(list.iter().cloned());
            lengths.push(list.len() as i64);
            next += 1;
            continue;
        }
        let given = if next < args.positional.len() && matches!(arg.kind, Kind::IntsSpread | Kind::TensorsSpread) {
            let (given, used) = spread(arg.kind, &args.positional[next..]);
            next += used;
            given
        } else {
            let given = args.positional.get(next).cloned();
            next += 1;
            given.unwrap_or(Given::Missing)
        };
        let given = match (given, by_name) {
            (Given::Missing, Some((_, given))) => given.clone(),
            (given, None) => given,
            _ => return Err(Mismatch::Twice(arg)),
        };
        let before = out.inputs.len();
        put(arg, given, &mut out).map_err(|refused| match refused {
            Refused::Missing => Mismatch::Missing(arg),
            Refused::Kind(given) => Mismatch::Kind { arg, given },
            Refused::OutOfMemory(error) => Mismatch::OutOfMemory(error),
        })?;
        if op.has_lengths() && arg.kind.is_tensor() {
            lengths.push((out.inputs.len() - before) as i64);
        }
    }
    if op.has_lengths() {
        out.attrs.0.push(Attr::Ints(lengths[..].into()));
    }
    if args.positional.len() > next {
        return Err(Mismatch::TooMany(args.positional.len()));
    }
    if let Some(name) = &args.unknown {
        return Err(Mismatch::Unknown(name.clone()));
    }
    for (i, _) in &args.named {
        let known = names.get(*i).is_some_and(|n| op.args.iter().any(|arg| is_parameter(n, arg.name)));
        if !known {
            return Err(Mismatch::Unknown(names.get(*i).cloned().unwrap_or_default()));
        }
    }
    Ok(out)
}

/// How many conversions an argument by itself needs to fit a parameter, or nothing where it does
/// not fit.
#[cfg(test)]
pub fn fits(arg: &'static Arg, given: &Given) -> Option<usize> {
    let mut out = Decoded::default();
    put(arg, given.clone(), &mut out).ok().map(|()| out.conversions)
}

/// Whether `name` is that of a parameter: in camelCase, or NumPy's.
pub(crate) fn is_parameter(name: &str, parameter: &str) -> bool {
    is_name_of(name, parameter) || numpy_names(parameter).contains(&name)
}

/// Whether `camel` is `snake` in camelCase; nothing is allocated, since calls by name ask it of
/// every parameter.
fn is_name_of(camel: &str, snake: &str) -> bool {
    let mut rest = camel.bytes();
    let mut up = false;
    for (i, byte) in snake.bytes().enumerate() {
        // As in `camel_case`, an underscore in front stays.
        if byte == b'_' && i > 0 {
            up = true;
            continue;
        }
        if rest.next() != Some(if up { byte.to_ascii_uppercase() } else { byte }) {
            return false;
        }
        up = false;
    }
    rest.next().is_none()
}

/// Integers or tensors given one by one as a list, and how many arguments they were.
fn spread(kind: Kind, given: &[Given]) -> (Given, usize) {
    if kind == Kind::TensorsSpread {
        let tensors: Vec<Option<Tensor>> = given
            .iter()
            .map_while(|g| match g {
                Given::Tensor(t) => Some(Some(t.clone())),
                _ => None,
            })
            .collect();
        let used = tensors.len();
        return if used == 0 { (given[0].clone(), 1) } else { (Given::Tensors(tensors), used) };
    }
    if !matches!(given[0], Given::Number(Scalar::Int(_))) {
        return (given[0].clone(), 1);
    }
    let ints: SmallVec<[i64; 6]> = given
        .iter()
        .map_while(|g| match g {
            Given::Number(Scalar::Int(v)) => Some(*v),
            _ => None,
        })
        .collect();
    let used = ints.len();
    (Given::Ints(ints), used)
}

enum Refused {
    Missing,
    Kind(Given),
    OutOfMemory(Error),
}

fn put(arg: &Arg, given: Given, out: &mut Decoded) -> Result<(), Refused> {
    let given = match given {
        Given::Missing => return put_default(arg, out),
        Given::Null if arg.default != Default::Required => return put_default(arg, out),
        given => given,
    };
    let Decoded { inputs, attrs, conversions } = out;
    *conversions += usize::from(is_stand_in(arg.kind, &given));
    let attr = match (arg.kind, given) {
        (Kind::Tensor | Kind::TensorOrNumber | Kind::TensorOrWide, Given::Tensor(t)) => {
            inputs.push(Some(t));
            return Ok(());
        }
        (kind @ (Kind::TensorOrNumber | Kind::TensorOrWide), Given::Number(v))
            if kind == Kind::TensorOrNumber || matches!(v, Scalar::Int(_)) =>
        {
            inputs.push(Some(Tensor::number(v).map_err(Refused::OutOfMemory)?));
            return Ok(());
        }
        (Kind::Tensors | Kind::TensorsSpread, Given::Tensors(list)) if list.iter().all(Option::is_some) => {
            inputs.extend(list);
            return Ok(());
        }
        (Kind::OptionalTensors, Given::Tensors(list)) => {
            inputs.extend(list);
            return Ok(());
        }
        (Kind::Tensors | Kind::TensorsSpread | Kind::OptionalTensors, Given::Ints(list)) if list.is_empty() => {
            return Ok(());
        }
        (kind, given) => attribute(kind, given).map_err(Refused::Kind)?,
    };
    attrs.0.push(attr);
    Ok(())
}

/// Whether it is an integer that no double holds.
fn is_wide(v: Scalar) -> bool {
    matches!(v, Scalar::Int(v) if i128::from(v) != v as f64 as i128)
}

/// Whether an argument that fits a parameter of this kind is of another kind itself.
fn is_stand_in(kind: Kind, given: &Given) -> bool {
    match given {
        Given::Tensor(_) => !kind.is_tensor(),
        Given::Number(Scalar::Bool(_)) => kind != Kind::Bool,
        Given::Number(_) => matches!(kind, Kind::Ints | Kind::TensorOrNumber | Kind::TensorOrWide),
        _ => false,
    }
}

/// The attribute for a parameter of this kind, or the argument back.
fn attribute(kind: Kind, given: Given) -> Result<Attr, Given> {
    // A 0-dim tensor without a gradient stands for its value, as in PyTorch.
    let given = match (kind, given) {
        (Kind::Scalar | Kind::Factor | Kind::Int | Kind::Float, Given::Tensor(t))
            if t.rank() == 0 && !t.requires_grad() && forward_mode::level_of(&t) == 0 =>
        {
            match t.read_value() {
                Ok(v) => Given::Number(v),
                Err(_) => Given::Tensor(t),
            }
        }
        (_, given) => given,
    };
    Ok(match (kind, given) {
        (Kind::Scalar, Given::Number(v)) if !is_wide(v) => Attr::Scalar(v),
        (Kind::Factor, Given::Number(v)) => Attr::Scalar(v),
        (Kind::Int, Given::Number(Scalar::Int(v))) => Attr::Int(v),
        // Minus zero came as a floating-point number.
        (Kind::Int, Given::Number(Scalar::Float(0.0))) => Attr::Int(0),
        (Kind::Float, Given::Number(v @ (Scalar::Int(_) | Scalar::Float(_)))) => Attr::Float(v.to_f64()),
        (Kind::Bool, Given::Number(Scalar::Bool(v))) => Attr::Bool(v),
        (Kind::Literal(only), Given::Number(Scalar::Bool(v))) if v == only => Attr::Bool(v),
        (Kind::Ints | Kind::IntsSpread, Given::Ints(v)) => Attr::Ints(v[..].into()),
        (Kind::Ints | Kind::IntsSpread, Given::Number(Scalar::Int(v))) => Attr::Ints([v][..].into()),
        (Kind::Ints | Kind::IntsSpread, Given::Number(Scalar::Float(0.0))) => Attr::Ints([0][..].into()),
        (Kind::Floats, Given::Floats(v)) => Attr::Floats(v[..].into()),
        (Kind::Floats, Given::Number(v)) if !matches!(v, Scalar::Bool(_)) => Attr::Floats([v.to_f64()][..].into()),
        (Kind::Floats, Given::Ints(v)) => Attr::Floats(v.iter().map(|&v| v as f64).collect()),
        (Kind::DType, Given::Text(name)) => match DType::ALL.into_iter().find(|t| t.name() == name) {
            Some(t) => Attr::DType(t),
            None => return Err(Given::Text(name)),
        },
        (Kind::Choice(words), Given::Text(word)) => match words.iter().position(|w| *w == word || is_name_of(&word, w))
        {
            Some(i) => Attr::Choice(i as u8),
            None => return Err(Given::Text(word)),
        },
        (Kind::Text, Given::Text(text)) => Attr::Text(text.into()),
        (Kind::Generator, Given::Generator(id)) => Attr::Generator(id),
        (Kind::OptionalSizes, Given::Sizes(v) | Given::Ints(v)) => Attr::Ints(v[..].into()),
        (Kind::OptionalSizes, Given::Number(Scalar::Int(v))) => Attr::Ints([v][..].into()),
        (Kind::OptionalSizes, Given::Number(Scalar::Float(0.0))) => Attr::Ints([0][..].into()),
        (Kind::OptionalSizes, Given::Tensors(v)) if v.iter().all(Option::is_none) => {
            Attr::Ints(v.iter().map(|_| NULL_SIZE).collect())
        }
        (_, given) => return Err(given),
    })
}

fn put_default(arg: &Arg, out: &mut Decoded) -> Result<(), Refused> {
    if arg.default == Default::Required {
        return Err(Refused::Missing);
    }
    match arg.kind {
        Kind::Tensor | Kind::TensorOrNumber | Kind::TensorOrWide => {
            let scalar = match arg.default {
                Default::Int(v) => Some(Scalar::Int(v)),
                Default::Float(v) => Some(Scalar::Float(v)),
                Default::Bool(v) => Some(Scalar::Bool(v)),
                _ => None,
            };
            let t = match scalar {
                Some(v) => Some(Tensor::number(v).map_err(Refused::OutOfMemory)?),
                None => None,
            };
            out.inputs.push(t);
        }
        Kind::Tensors | Kind::TensorsSpread | Kind::OptionalTensors => {}
        _ => out.attrs.0.push(default_attr(arg)),
    }
    Ok(())
}

/// What an attribute is where nothing was given.
pub fn default_attr(arg: &Arg) -> Attr {
    match arg.default {
        Default::Required | Default::None => Attr::None,
        Default::Bool(v) => Attr::Bool(v),
        Default::Int(v) => match arg.kind {
            Kind::Float => Attr::Float(v as f64),
            Kind::Scalar | Kind::Factor => Attr::Scalar(Scalar::Int(v)),
            Kind::Ints | Kind::IntsSpread => Attr::Ints([v][..].into()),
            _ => Attr::Int(v),
        },
        Default::Float(v) => match arg.kind {
            Kind::Scalar | Kind::Factor => Attr::Scalar(Scalar::Float(v)),
            _ => Attr::Float(v),
        },
        Default::Word(word) => match arg.kind {
            Kind::Choice(words) => Attr::Choice(words.iter().position(|w| *w == word).unwrap_or(0) as u8),
            Kind::DType => DType::ALL.into_iter().find(|t| t.name() == word).map_or(Attr::None, Attr::DType),
            _ => Attr::Text(word.into()),
        },
        Default::Ints(v) => Attr::Ints(v.into()),
    }
}

/// The error for arguments that fit none of `candidates`; `mismatches` has one for each.
#[cold]
pub fn refuse(candidates: &[&'static OpDef], args: &Arguments, names: &[String], mismatches: &[Mismatch]) -> Error {
    if let Some(name) = unknown_to_all(candidates, args, names) {
        let why = describe::mismatch(&Mismatch::Unknown(name));
        return Error::usage(format!("{why}; {}", describe::signatures(candidates)));
    }
    let message = match closest(mismatches) {
        Some(i) => {
            format!("{}; the signature is {}", describe::mismatch(&mismatches[i]), describe::signature(candidates[i]))
        }
        None => format!(
            "no signature fits the arguments {}; {}",
            describe::arguments(args, names),
            describe::signatures(candidates)
        ),
    };
    Error::usage(message)
}

/// A name that no overload has: whatever else does not fit, it was mistyped.
fn unknown_to_all(candidates: &[&'static OpDef], args: &Arguments, names: &[String]) -> Option<String> {
    if let Some(name) = &args.unknown {
        return Some(name.clone());
    }
    let is_of = |op: &OpDef, name: &str| {
        let older = op.older.args.iter().map(|(_, arg)| arg);
        op.args.iter().chain(older).any(|arg| is_parameter(name, arg.name))
    };
    let has = |name: &str| candidates.iter().any(|op| is_of(op, name));
    args.named.iter().filter_map(|(i, _)| names.get(*i)).find(|name| !has(name)).cloned()
}

/// The overload that was meant, where one stands out: the only one, the first that was given
/// something twice, or the only one that takes something like the argument that does not fit.
fn closest(mismatches: &[Mismatch]) -> Option<usize> {
    if mismatches.len() == 1 {
        return Some(0);
    }
    if let Some(i) = mismatches.iter().position(|m| matches!(m, Mismatch::Twice(_))) {
        return Some(i);
    }
    let is_near = |m: &Mismatch| match m {
        Mismatch::Kind { arg, given } => {
            let takes_text = matches!(arg.kind, Kind::DType | Kind::Choice(_) | Kind::Text);
            takes_text == matches!(given, Given::Text(_))
        }
        _ => false,
    };
    let first = mismatches.iter().position(is_near)?;
    mismatches[first + 1..].iter().all(|m| !is_near(m)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use adjoint_autograd::Api;

    static SUM: OpDef = OpDef {
        name: "sum.dim",
        args: &[
            Arg::tensor("input"),
            Arg::optional("dim", Kind::Ints, Default::None),
            Arg::optional("keep_dim", Kind::Bool, Default::Bool(false)),
        ],
        surface: &[Api::Function],
        ..OpDef::BASE
    };

    static ZEROS: OpDef = OpDef {
        name: "zeros",
        args: &[Arg::required("size", Kind::IntsSpread), Arg::optional("dtype", Kind::DType, Default::None)],
        ..OpDef::BASE
    };

    fn tensor() -> Given {
        Given::Tensor(Tensor::number(Scalar::Int(1)).unwrap())
    }

    fn int(v: i64) -> Given {
        Given::Number(Scalar::Int(v))
    }

    fn names() -> Vec<String> {
        ["dim", "dtype", "keepDim"].map(String::from).to_vec()
    }

    fn attrs(op: &'static OpDef, args: &Arguments) -> Vec<Attr> {
        decode(op, args, &names()).unwrap().attrs.0.to_vec()
    }

    #[test]
    fn names_are_compared_as_the_generator_spells_them() {
        for snake in ["dim", "keep_dim", "size_average", "dim0", "p", "align_corners", "scale_factor_2d"] {
            let camel = adjoint_ops::naming::camel_case(snake);
            assert!(is_name_of(&camel, snake), "{snake}");
            assert!(!is_name_of(&camel[1..], snake) && !is_name_of(&format!("{camel}s"), snake), "{snake}");
        }
    }

    #[test]
    fn arguments_left_out_or_null_are_the_defaults() {
        for args in [Arguments::of([tensor()]), Arguments::of([tensor(), Given::Null, Given::Missing])] {
            assert_eq!(attrs(&SUM, &args), [Attr::None, Attr::Bool(false)]);
        }
    }

    #[test]
    fn an_argument_by_name_takes_its_place() {
        let mut args = Arguments::of([tensor(), int(1)]);
        args.named.push((2, Given::Number(Scalar::Bool(true))));
        assert_eq!(attrs(&SUM, &args), [Attr::Ints([1][..].into()), Attr::Bool(true)]);
        args.named.push((0, int(0)));
        assert!(matches!(decode(&SUM, &args, &names()), Err(Mismatch::Twice(arg)) if arg.name == "dim"));
    }

    #[test]
    fn a_name_the_op_does_not_have_is_refused() {
        let mut args = Arguments::of([tensor()]);
        args.named.push((1, Given::Text("int64".to_string())));
        assert!(matches!(decode(&SUM, &args, &names()), Err(Mismatch::Unknown(name)) if name == "dtype"));
    }

    #[test]
    fn sizes_may_be_spread_or_a_list() {
        let two_three = Attr::Ints([2, 3][..].into());
        let list = Given::Ints([2, 3].into_iter().collect());
        assert_eq!(attrs(&ZEROS, &Arguments::of([int(2), int(3)])), [two_three.clone(), Attr::None]);
        assert_eq!(
            attrs(&ZEROS, &Arguments::of([list, Given::Text("int32".to_string())])),
            [two_three, Attr::DType(DType::Int32)]
        );
    }

    fn of_kind(kind: Kind) -> &'static OpDef {
        let args: &'static [Arg] = Vec::leak(vec![Arg::required("a", kind)]);
        Box::leak(Box::new(OpDef { name: "one", args, ..OpDef::BASE }))
    }

    #[test]
    fn sizes_may_be_null_where_the_parameter_says_so() {
        let op = of_kind(Kind::OptionalSizes);
        let mixed = Given::Sizes([NULL_SIZE, 2].into_iter().collect());
        assert_eq!(attrs(op, &Arguments::of([mixed.clone()])), [Attr::Ints([NULL_SIZE, 2][..].into())]);
        assert_eq!(attrs(op, &Arguments::of([Given::Tensors(vec![None])])), [Attr::Ints([NULL_SIZE][..].into())]);
        assert_eq!(attrs(op, &Arguments::of([int(3)])), [Attr::Ints([3][..].into())]);
        assert!(decode(&ZEROS, &Arguments::of([mixed]), &names()).is_err());
    }

    #[test]
    fn a_literal_takes_one_bool() {
        let op = of_kind(Kind::Literal(true));
        let given = |v| Arguments::of([Given::Number(Scalar::Bool(v))]);
        assert_eq!(attrs(op, &given(true)), [Attr::Bool(true)]);
        assert!(decode(op, &given(false), &names()).is_err());
    }

    #[test]
    fn integers_no_double_holds_are_left_to_the_overload_with_tensors() {
        let (scalar, wide) = (of_kind(Kind::Scalar), of_kind(Kind::TensorOrWide));
        let big = || Arguments::of([int((1 << 60) + 1)]);
        assert!(decode(scalar, &big(), &names()).is_err());
        assert_eq!(attrs(scalar, &Arguments::of([int(1 << 60)])), [Attr::Scalar(Scalar::Int(1 << 60))]);
        let Decoded { inputs, .. } = decode(wide, &big(), &names()).unwrap();
        assert_eq!(inputs[0].as_ref().unwrap().array().item(), Ok(Scalar::Int((1 << 60) + 1)));
        assert!(decode(wide, &Arguments::of([Given::Number(Scalar::Float(0.5))]), &names()).is_err());
    }

    #[test]
    fn a_generator_is_an_attribute() {
        let op = of_kind(Kind::Generator);
        assert_eq!(attrs(op, &Arguments::of([Given::Generator(3)])), [Attr::Generator(3)]);
        assert!(decode(op, &Arguments::of([int(3)]), &names()).is_err());
    }

    #[test]
    fn nan_and_fractions_are_not_sizes() {
        for v in [f64::NAN, 2.5, f64::INFINITY] {
            let args = Arguments::of([Given::Number(Scalar::Float(v))]);
            assert!(matches!(decode(&ZEROS, &args, &names()), Err(Mismatch::Kind { arg, .. }) if arg.name == "size"));
        }
    }

    #[test]
    fn too_many_arguments_are_refused() {
        let args = Arguments::of([tensor(), int(1), Given::Number(Scalar::Bool(true)), int(4)]);
        assert!(matches!(decode(&SUM, &args, &names()), Err(Mismatch::TooMany(4))));
    }

    #[test]
    fn the_error_is_of_the_overload_that_takes_something_like_the_argument() {
        static ALL: OpDef = OpDef {
            name: "sum",
            args: &[Arg::tensor("input"), Arg::optional("dtype", Kind::DType, Default::None)],
            ..OpDef::BASE
        };
        let args = Arguments::of([tensor(), Given::Number(Scalar::Float(1.5))]);
        let why: Vec<Mismatch> = [&ALL, &SUM].map(|op| decode(op, &args, &names()).err().unwrap()).into();
        assert!(refuse(&[&ALL, &SUM], &args, &names(), &why).message().starts_with("argument dim must be"));
    }

    #[test]
    fn the_error_names_the_argument_and_the_signature() {
        let args = Arguments::of([tensor(), Given::Number(Scalar::Float(1.5))]);
        let Err(why) = decode(&SUM, &args, &names()) else { panic!("1.5 is no dim") };
        let error = refuse(&[&SUM], &args, &names(), &[why]);
        assert_eq!(
            error.to_string(),
            "argument dim must be an integer or an array of integers or null, got the number 1.5; \
             the signature is sum(input, dim=null, keepDim=false)"
        );
    }
}
