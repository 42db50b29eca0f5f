//! Arguments for the parameters PyTorch keeps for older programs, as arguments for those an op has.

use crate::arguments::{Arguments, Given};
use crate::decode::{Mismatch, is_parameter};
use adjoint_autograd::{Arg, OpDef};
use adjoint_tensor::Scalar;
use smallvec::{SmallVec, smallvec};

/// The bool that was given for an older parameter, if any; an error where it was something else.
fn bool_of(arg: &'static Arg, given: &Given) -> Result<Option<bool>, Mismatch> {
    match given {
        Given::Missing | Given::Null => Ok(None),
        Given::Number(Scalar::Bool(v)) => Ok(Some(*v)),
        other => Err(Mismatch::Kind { arg, given: other.clone() }),
    }
}

/// The arguments without those for older parameters, and whether one of these said something;
/// nothing where there are none.
///
/// By position older parameters are where PyTorch has them, if what is there can be meant for them:
/// `mseLoss(x, y, 'sum')` leaves them out, `mseLoss(x, y, false)` and `mseLoss(x, y, null, null,
/// 'sum')` do not.
pub fn translated(
    op: &'static OpDef,
    args: &Arguments,
    names: &[String],
) -> Result<Option<(Arguments, bool)>, Mismatch> {
    let older = op.older.args;
    let is_by_name = |arg: &Arg, name: usize| names.get(name).is_some_and(|n| is_parameter(n, arg.name));
    let index_of = |name: usize| older.iter().position(|(_, arg)| is_by_name(arg, name));
    let reached = || older.iter().enumerate().filter_map(|(i, (at, arg))| Some((i, arg, args.positional.get(*at)?)));
    let by_position = reached().next().is_some() && reached().all(|(_, arg, given)| bool_of(arg, given).is_ok());
    if !by_position && args.named.iter().all(|(name, _)| index_of(*name).is_none()) {
        return Ok(None);
    }
    let mut values: SmallVec<[Option<bool>; 2]> = smallvec![None; older.len()];
    let mut own = Arguments { unknown: args.unknown.clone(), ..Arguments::default() };
    for (name, given) in &args.named {
        match index_of(*name) {
            Some(i) => values[i] = bool_of(&older[i].1, given)?,
            None => own.named.push((*name, given.clone())),
        }
    }
    let is_older = |at: usize| by_position && older.iter().any(|(index, _)| *index == at);
    let rest = args.positional.iter().enumerate().filter(|(at, _)| !is_older(*at));
    own.positional.extend(rest.map(|(_, given)| given.clone()));
    for (i, arg, given) in reached().filter(|_| by_position) {
        if let Some(value) = bool_of(arg, given)? {
            if values[i].is_some() {
                return Err(Mismatch::Twice(arg));
            }
            values[i] = Some(value);
        }
    }
    let says_something = values.iter().any(Option::is_some);
    if let (Some((parameter, word)), true) = (op.older.word, says_something) {
        put_word(op, names, &mut own, parameter, word(&values));
    }
    Ok(Some((own, says_something)))
}

/// Gives a parameter its word, whatever it was given before.
fn put_word(op: &OpDef, names: &[String], own: &mut Arguments, parameter: &str, word: &str) {
    let word = Given::Text(word.to_string());
    let is_it = |name: usize| names.get(name).is_some_and(|n| is_parameter(n, parameter));
    own.named.retain(|(name, _)| !is_it(*name));
    let at = op.args.iter().position(|arg| arg.name == parameter);
    if let Some(given) = at.and_then(|at| own.positional.get_mut(at)) {
        *given = word;
    } else if let (Some(at), true) = (at, own.named.is_empty()) {
        // Without arguments by name there are no names either.
        own.positional.resize(at, Given::Missing);
        own.positional.push(word);
    } else if let Some(name) = (0..names.len()).find(|&name| is_it(name)) {
        own.named.push((name, word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;
    use adjoint_autograd::{Attr, Tensor};

    /// `reduction` of `mse_loss` with these arguments behind two tensors.
    fn reduction(positional: &[Given], named: &[(usize, bool)]) -> Result<Attr, String> {
        let op = adjoint_ops::registry::ops().find(|op| op.name == "mse_loss").unwrap();
        let names = ["reduce", "reduction", "sizeAverage"].map(String::from);
        // As in a call: names come with arguments that have some.
        let names = if named.is_empty() { &[] } else { &names[..] };
        let t = || Given::Tensor(Tensor::number(Scalar::Float(1.0)).unwrap());
        let mut args = Arguments::of([t(), t()]);
        args.positional.extend(positional.iter().cloned());
        args.named.extend(named.iter().map(|&(name, v)| (name, Given::Number(Scalar::Bool(v)))));
        decode(op, &args, names).map(|d| d.attrs.0[0].clone()).map_err(|why| format!("{why:?}"))
    }

    fn bool(v: bool) -> Given {
        Given::Number(Scalar::Bool(v))
    }

    fn text(word: &str) -> Given {
        Given::Text(word.to_string())
    }

    const MEAN: Result<Attr, String> = Ok(Attr::Choice(0));
    const SUM: Result<Attr, String> = Ok(Attr::Choice(1));
    const NONE: Result<Attr, String> = Ok(Attr::Choice(2));

    #[test]
    fn older_parameters_are_at_pytorchs_places_and_win() {
        assert_eq!(reduction(&[bool(false)], &[]), SUM);
        assert_eq!(reduction(&[Given::Null, bool(false)], &[]), NONE);
        assert_eq!(reduction(&[bool(true), bool(true), text("sum")], &[]), MEAN);
        assert_eq!(reduction(&[Given::Null, Given::Null, text("sum")], &[]), SUM);
    }

    #[test]
    fn they_may_be_left_out() {
        assert_eq!(reduction(&[], &[]), MEAN);
        assert_eq!(reduction(&[text("none")], &[]), NONE);
        assert_eq!(reduction(&[Given::Null], &[]), MEAN);
    }

    #[test]
    fn they_may_be_given_by_name() {
        assert_eq!(reduction(&[], &[(2, false)]), SUM);
        assert_eq!(reduction(&[], &[(0, false), (2, false)]), NONE);
        assert_eq!(reduction(&[text("none")], &[(0, true)]), MEAN);
        assert!(reduction(&[bool(false)], &[(2, false)]).unwrap_err().starts_with("Twice"));
    }

    #[test]
    fn one_that_is_no_bool_is_refused() {
        assert!(reduction(&[bool(true), text("sum")], &[]).unwrap_err().starts_with("Kind"));
    }
}
