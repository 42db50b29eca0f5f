//! From the arguments of a call to the inputs and attributes of an op, as its parameters say.

use crate::arguments::{Arguments, Given};
use crate::describe;
use adjoint_autograd::{Arg, Attr, Attrs, Default, Kind, OpDef, Tensor};
use adjoint_ops::naming::camel_case;
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
        given: String,
    },
    /// This required parameter got nothing.
    Missing(&'static Arg),
    /// More were given than there are parameters.
    TooMany(usize),
    /// No parameter has this name.
    Unknown(String),
    /// Given by position and by name.
    Twice(&'static Arg),
}

/// The values for each parameter of `op`, or why the arguments do not fit. `names` are those of [`Arguments::named`].
pub fn decode(op: &'static OpDef, args: &Arguments, names: &[String]) -> std::result::Result<(Inputs, Attrs), Mismatch> {
    let mut inputs = Inputs::new();
    let mut attrs = Attrs::new();
    let mut next = 0;
    for arg in op.args {
        let by_name = args.named.iter().find(|(i, _)| names.get(*i).is_some_and(|n| is_name_of(n, arg.name)));
        let given = if next < args.positional.len() && arg.kind == Kind::IntsSpread {
            let (given, used) = spread(&args.positional[next..]);
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
        put(arg, given, &mut inputs, &mut attrs).map_err(|refused| match refused {
            Refused::Missing => Mismatch::Missing(arg),
            Refused::Kind(given) => Mismatch::Kind { arg, given: describe::given(&given) },
        })?;
    }
    if args.positional.len() > next {
        return Err(Mismatch::TooMany(args.positional.len()));
    }
    for (i, _) in &args.named {
        let known = names.get(*i).is_some_and(|n| op.args.iter().any(|arg| is_name_of(n, arg.name)));
        if !known {
            return Err(Mismatch::Unknown(names.get(*i).cloned().unwrap_or_default()));
        }
    }
    Ok((inputs, attrs))
}

fn is_name_of(camel: &str, snake: &str) -> bool {
    camel == snake || (snake.contains('_') && camel == camel_case(snake))
}

/// Integers given one by one as a list, and how many arguments they were.
fn spread(given: &[Given]) -> (Given, usize) {
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
}

fn put(arg: &Arg, given: Given, inputs: &mut Inputs, attrs: &mut Attrs) -> std::result::Result<(), Refused> {
    let given = match given {
        Given::Missing => return put_default(arg, inputs, attrs),
        Given::Null if arg.default != Default::Required => return put_default(arg, inputs, attrs),
        given => given,
    };
    let attr = match (arg.kind, given) {
        (Kind::Tensor | Kind::TensorOrNumber, Given::Tensor(t)) => {
            inputs.push(Some(t));
            return Ok(());
        }
        (Kind::TensorOrNumber, Given::Number(v)) => {
            // Only running out of memory can fail here, and the allocation of the result will say so.
            let Ok(t) = Tensor::number(v) else { return Err(Refused::Missing) };
            inputs.push(Some(t));
            return Ok(());
        }
        (Kind::Tensors, Given::Tensors(list)) if list.iter().all(Option::is_some) => {
            inputs.extend(list);
            return Ok(());
        }
        (Kind::OptionalTensors, Given::Tensors(list)) => {
            inputs.extend(list);
            return Ok(());
        }
        (Kind::Tensors | Kind::OptionalTensors, Given::Ints(list)) if list.is_empty() => return Ok(()),
        (kind, given) => attribute(kind, given).map_err(Refused::Kind)?,
    };
    attrs.0.push(attr);
    Ok(())
}

/// The attribute for a parameter of this kind, or the argument back.
fn attribute(kind: Kind, given: Given) -> std::result::Result<Attr, Given> {
    Ok(match (kind, given) {
        (Kind::Scalar | Kind::Factor, Given::Number(v)) => Attr::Scalar(v),
        (Kind::Int, Given::Number(Scalar::Int(v))) => Attr::Int(v),
        // Minus zero came as a floating-point number.
        (Kind::Int, Given::Number(Scalar::Float(0.0))) => Attr::Int(0),
        (Kind::Float, Given::Number(v @ (Scalar::Int(_) | Scalar::Float(_)))) => Attr::Float(v.to_f64()),
        (Kind::Bool, Given::Number(Scalar::Bool(v))) => Attr::Bool(v),
        (Kind::Ints | Kind::IntsSpread, Given::Ints(v)) => Attr::Ints(v[..].into()),
        (Kind::Ints | Kind::IntsSpread, Given::Number(Scalar::Int(v))) => Attr::Ints([v][..].into()),
        (Kind::Ints | Kind::IntsSpread, Given::Number(Scalar::Float(0.0))) => Attr::Ints([0][..].into()),
        (Kind::Floats, Given::Floats(v)) => Attr::Floats(v[..].into()),
        (Kind::Floats, Given::Ints(v)) => Attr::Floats(v.iter().map(|&v| v as f64).collect()),
        (Kind::DType, Given::Text(name)) => match DType::ALL.into_iter().find(|t| t.name() == name) {
            Some(t) => Attr::DType(t),
            None => return Err(Given::Text(name)),
        },
        (Kind::Choice(words), Given::Text(word)) => match words.iter().position(|w| *w == word) {
            Some(i) => Attr::Choice(i as u8),
            None => return Err(Given::Text(word)),
        },
        (Kind::Text, Given::Text(text)) => Attr::Text(text.into()),
        (_, given) => return Err(given),
    })
}

fn put_default(arg: &Arg, inputs: &mut Inputs, attrs: &mut Attrs) -> std::result::Result<(), Refused> {
    if arg.default == Default::Required {
        return Err(Refused::Missing);
    }
    match arg.kind {
        Kind::Tensor | Kind::TensorOrNumber => {
            let scalar = match arg.default {
                Default::Int(v) => Some(Scalar::Int(v)),
                Default::Float(v) => Some(Scalar::Float(v)),
                Default::Bool(v) => Some(Scalar::Bool(v)),
                _ => None,
            };
            let t = match scalar {
                Some(v) => Some(Tensor::number(v).map_err(|_| Refused::Missing)?),
                None => None,
            };
            inputs.push(t);
        }
        Kind::Tensors | Kind::OptionalTensors => {}
        _ => attrs.0.push(default_attr(arg)),
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

/// The error for arguments that fit none of `candidates`.
#[cold]
pub fn refuse(candidates: &[&'static OpDef], args: &Arguments, names: &[String], mismatches: Vec<Mismatch>) -> Error {
    let signatures: Vec<String> = candidates.iter().map(|op| describe::signature(op)).collect();
    let message = match &mismatches[..] {
        [one] => format!("{}; the signature is {}", describe::mismatch(one), signatures[0]),
        _ => format!(
            "no signature fits the arguments {}; the signatures are {}",
            describe::arguments(args, names),
            signatures.join(" and ")
        ),
    };
    Error::usage(message).in_op(candidates[0].public_name())
}
