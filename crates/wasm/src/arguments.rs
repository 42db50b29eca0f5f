//! Arguments as JavaScript gave them, before an op says what they mean.
//!
//! JavaScript writes each argument as a tag and its value by its JavaScript type alone; see
//! [`Given::read`].

use crate::abi::{number, tag};
use crate::handles;
use crate::scratch::Words;
use adjoint_autograd::Tensor;
use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_tensor::{Result, Scalar, memory};
use smallvec::SmallVec;

/// One argument.
#[derive(Clone, Debug)]
pub enum Given {
    /// `undefined`: the default is meant.
    Missing,
    /// `null`.
    Null,
    /// A tensor.
    Tensor(Tensor),
    /// A number, bigint or bool.
    Number(Scalar),
    /// An array of integers; also what an empty array is.
    Ints(SmallVec<[i64; 6]>),
    /// An array of numbers of which at least one is not an integer.
    Floats(Vec<f64>),
    /// An array of integers and nulls, which are [`NULL_SIZE`].
    Sizes(SmallVec<[i64; 6]>),
    /// An array of tensors and nulls.
    Tensors(Vec<Option<Tensor>>),
    /// A string.
    Text(String),
    /// A generator of random numbers, by its id.
    Generator(u32),
}

/// A call's arguments.
#[derive(Debug, Default)]
pub struct Arguments {
    /// By position.
    pub positional: SmallVec<[Given; 4]>,
    /// By name: indexes into [`adjoint_ops::naming::parameter_names`].
    pub named: SmallVec<[(usize, Given); 2]>,
    /// A name that no op has a parameter of.
    pub unknown: Option<String>,
}

/// The largest double below 2^63; integers beyond are floating-point numbers here.
const INT_LIMIT: f64 = 9_223_372_036_854_774_784.0;

/// A JavaScript number: an integer where it is one and fits 64 bits, except for minus zero.
pub fn number_by_value(v: f64) -> Scalar {
    let integral = v.trunc() == v && v.abs() <= INT_LIMIT && !(v == 0.0 && v.is_sign_negative());
    if integral { Scalar::Int(v as i64) } else { Scalar::Float(v) }
}

/// A number of a stated kind, see [`crate::abi::number`].
pub fn number_of_kind(v: f64, kind: i32) -> Scalar {
    match kind {
        number::BOOL => Scalar::Bool(v != 0.0),
        number::FLOATING => Scalar::Float(v),
        _ => number_by_value(v),
    }
}

/// Bytes that one number of a list takes over a call: in the argument, in the attribute, in shapes
/// made of it.
const NUMBER: usize = 64;
/// The same of a tensor.
const TENSOR: usize = 256;
/// The same of a letter.
const LETTER: usize = 32;

/// The length of a list whose elements take `each` bytes. Ops copy lists where an allocation cannot
/// fail with an error, so the memory is asked for here, before the call.
fn listed(words: &mut Words, each: usize) -> Result<usize> {
    let n = words.count();
    memory::ensure(n.saturating_mul(each))?;
    Ok(n)
}

impl Given {
    /// Reads one argument: a tag and what follows it, see [`crate::abi::tag`].
    pub fn read(words: &mut Words) -> Result<Given> {
        Given::read_tagged(words.int(), words)
    }

    fn read_tagged(tag: i32, words: &mut Words) -> Result<Given> {
        Ok(match tag {
            tag::NULL => Given::Null,
            tag::TENSOR => Given::Tensor(handles::tensor(words.int())?),
            tag::INT => Given::Number(number_by_value(words.take())),
            tag::FLOAT => Given::Number(Scalar::Float(words.take())),
            tag::BOOL => Given::Number(Scalar::Bool(words.take() != 0.0)),
            tag::BIGINT => {
                let high = words.take() as i64;
                Given::Number(Scalar::Int((high << 32) | words.take() as i64))
            }
            tag::INTS => Given::Ints((0..listed(words, NUMBER)?).map(|_| words.take() as i64).collect()),
            tag::FLOATS => Given::Floats((0..listed(words, NUMBER)?).map(|_| words.take()).collect()),
            tag::TENSORS => {
                let n = listed(words, TENSOR)?;
                let mut list = Vec::with_capacity(n);
                for _ in 0..n {
                    let handle = words.int();
                    list.push(if handle == 0 { None } else { Some(handles::tensor(handle)?) });
                }
                Given::Tensors(list)
            }
            tag::TEXT => Given::Text(text(words)?),
            tag::SIZES => Given::Sizes(
                (0..listed(words, NUMBER)?)
                    .map(|_| {
                        let v = words.take();
                        if v.is_nan() { NULL_SIZE } else { v as i64 }
                    })
                    .collect(),
            ),
            tag::GENERATOR => Given::Generator(words.take() as u32),
            _ => Given::Missing,
        })
    }
}

/// A count and as many UTF-16 units.
fn text(words: &mut Words) -> Result<String> {
    let units: Vec<u16> = (0..listed(words, LETTER)?).map(|_| words.take() as u16).collect();
    Ok(String::from_utf16_lossy(&units))
}

impl Arguments {
    /// Adds an argument by position. Some ops take a list spread out, of any length, so where this one grows the memory is
    /// asked for, with that for what ops make of each.
    fn push(&mut self, given: Given) -> Result<()> {
        if self.positional.len() == self.positional.capacity() {
            let next = 2 * self.positional.capacity();
            memory::ensure(next.saturating_mul(size_of::<Given>() + TENSOR))?;
        }
        self.positional.push(given);
        Ok(())
    }

    /// Reads all arguments: positional ones, then those given by name.
    pub fn read(words: &mut Words) -> Result<Arguments> {
        let mut out = Arguments::default();
        while words.left() > 0 {
            match words.int() {
                tag::NAMED => {
                    let name = words.take() as usize;
                    out.named.push((name, Given::read(words)?));
                }
                tag::GRADIENTS => {
                    let of = words.count();
                    let Some(Given::Tensors(list)) = out.positional.get(of) else { continue };
                    let grads = list.iter().map(|t| t.as_ref().and_then(Tensor::grad)).collect();
                    out.push(Given::Tensors(grads))?;
                }
                tag::UNKNOWN => out.unknown = Some(text(words)?),
                tag => out.push(Given::read_tagged(tag, words)?)?,
            }
        }
        Ok(out)
    }

    /// The tensors among them.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let all = self.positional.iter().chain(self.named.iter().map(|(_, given)| given));
        all.filter_map(|given| if let Given::Tensor(t) = given { Some(t) } else { None })
    }

    /// Tensors by position.
    pub fn of<const N: usize>(given: [Given; N]) -> Arguments {
        Arguments { positional: given.into_iter().collect(), ..Arguments::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn words(v: &[f64]) -> Vec<Cell<f64>> {
        v.iter().map(|&v| Cell::new(v)).collect()
    }

    #[test]
    fn numbers_are_integers_where_they_can_be() {
        assert_eq!(number_by_value(2.0), Scalar::Int(2));
        assert_eq!(number_by_value(2.5), Scalar::Float(2.5));
        assert_eq!(number_by_value(1e300), Scalar::Float(1e300));
        assert!(matches!(number_by_value(-0.0), Scalar::Float(v) if v.is_sign_negative()));
        assert!(matches!(number_by_value(f64::NAN), Scalar::Float(_)));
    }

    #[test]
    fn words_are_read_by_their_tags() {
        let area = words(&[7.0, 2.0, 4.0, 5.0, 0.0, 12.0, 3.0, 5.0, 1.0, 6.0, -1.0, 4_294_967_295.0]);
        let args = Arguments::read(&mut Words::new(&area)).unwrap();
        assert!(matches!(&args.positional[0], Given::Ints(v) if v[..] == [4, 5]));
        assert!(matches!(args.positional[1], Given::Missing));
        assert!(matches!(args.positional[2], Given::Number(Scalar::Int(-1))));
        assert!(matches!(args.named[0], (3, Given::Number(Scalar::Bool(true)))));
    }

    #[test]
    fn a_count_that_lies_reads_no_further_than_the_words() {
        let area = words(&[7.0, 1e9, 4.0]);
        let args = Arguments::read(&mut Words::new(&area)).unwrap();
        assert!(matches!(&args.positional[0], Given::Ints(v) if v[..] == [4]));
    }
}
