//! The two loops behind every float reduction: along contiguous rows ([`row`]), and down columns
//! ([`columns`]).
//!
//! # Accuracy
//!
//! A plain loop adds the millionth term to a sum a million times its size. Here terms are added in
//! blocks, pairwise, and a block's sum joins the total with what rounding loses on the way kept
//! beside it ([`Combine::join`]). So the error of a sum is that of its blocks, of which each is a
//! few roundings of a small number, and of one last rounding; it does not grow with the number of
//! terms.
//!
//! A reduction is a [`Combine`] (how two partial results make one) and a [`Map`] (what is done to
//! an element first, which may give several numbers to reduce at once). Both are written for
//! vectors only: what does not fill a vector goes through part of one.

mod columns;
mod row;

use super::Axis;
use crate::exec::{Grain, Part, Shared, for_range};
use adjoint_simd::{Scalar, Vector};
pub(crate) use columns::{COLUMNS, fold_columns, fold_columns_wide, join_into};
pub(crate) use row::{fold_row, fold_row_wide};

/// How two partial results make one: an associative operation with an identity.
pub trait Combine {
    /// The result for no elements.
    fn identity<T: Scalar>() -> T;
    /// The result for the elements of both.
    fn combine<V: Vector>(x: V, y: V) -> V;

    /// Takes a block's result into the total; `carry` is what the total could not hold, where that
    /// is kept.
    #[inline(always)]
    fn join<V: Vector>(total: V, carry: V, block: V) -> (V, V) {
        (Self::combine(total, block), carry)
    }

    /// The total of all lanes with what was carried.
    #[inline(always)]
    fn across<T: Scalar>(total: T::Vector, _carry: T::Vector) -> f64 {
        pairwise::<T, Self>(total).to_f64()
    }

    /// The total of one column with what was carried.
    #[inline(always)]
    fn finish<T: Scalar>(total: T, _carry: T) -> T {
        total
    }
}

/// Combines the lanes of a vector, pairwise.
#[inline(always)]
fn pairwise<T: Scalar, C: Combine + ?Sized>(v: T::Vector) -> T {
    let lane = |i: usize| T::Vector::splat(v.lane(i));
    let mut sum = C::combine(lane(0), lane(1));
    if T::LANES == 4 {
        sum = C::combine(sum, C::combine(lane(2), lane(3)));
    }
    sum.lane(0)
}

/// Where a [`Map`]'s second operand comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Aux {
    /// There is none.
    None,
    /// One value for each result: an array of the reduced shape.
    Value,
    /// One value for each element: an array of the full shape.
    Stream,
}

/// What is done to an element before it is combined; it may give several numbers, each of which is
/// reduced.
pub trait Map<T: Scalar, const K: usize = 1> {
    /// Where `aux` comes from.
    const AUX: Aux;
    /// Groups of rows of a column that make a block, for fewer than those of [`columns`]: the
    /// roundings of a block are seen in the last place of the result.
    const GROUPS: usize = usize::MAX;
    /// The mapped element.
    fn map(x: T::Vector, aux: T::Vector) -> [T::Vector; K];
}

/// x + y
pub struct Add;
/// x · y
pub struct Mul;
/// The greater, NaN if either is.
pub struct Max;
/// The smaller, NaN if either is.
pub struct Min;
/// The greater, for where a NaN will be seen anyway: then it is any element, or NaN. A third of
/// what [`Max`] costs, which takes several instructions on x86.
pub struct Greater;

impl Combine for Add {
    fn identity<T: Scalar>() -> T {
        T::ZERO
    }
    #[inline(always)]
    fn combine<V: Vector>(x: V, y: V) -> V {
        x + y
    }

    /// Knuth's sum of two numbers and its error, exactly.
    #[inline(always)]
    fn join<V: Vector>(total: V, carry: V, block: V) -> (V, V) {
        let sum = total + block;
        let taken = sum - total;
        (sum, carry + ((total - (sum - taken)) + (block - taken)))
    }

    #[inline(always)]
    fn across<T: Scalar>(total: T::Vector, carry: T::Vector) -> f64 {
        let (mut sum, mut rest) = (0.0, 0.0);
        if T::LANES == 4 {
            // In f64 the sums of four f32 lanes are exact enough.
            for i in 0..T::LANES {
                (sum, rest) = (sum + total.lane(i).to_f64(), rest + carry.lane(i).to_f64());
            }
            return with_carry(sum, rest);
        }
        for i in 0..T::LANES {
            let lane = total.lane(i).to_f64();
            let next = sum + lane;
            let taken = next - sum;
            rest += ((sum - (next - taken)) + (lane - taken)) + carry.lane(i).to_f64();
            sum = next;
        }
        with_carry(sum, rest)
    }

    #[inline(always)]
    fn finish<T: Scalar>(total: T, carry: T) -> T {
        with_carry(total, carry)
    }
}

/// A sum with its carry, which is NaN where the sum is infinite.
#[inline(always)]
fn with_carry<T: Scalar>(sum: T, carry: T) -> T {
    sum + if carry.is_nan() { T::ZERO } else { carry }
}

impl Combine for Mul {
    fn identity<T: Scalar>() -> T {
        T::ONE
    }
    #[inline(always)]
    fn combine<V: Vector>(x: V, y: V) -> V {
        x * y
    }
}

impl Combine for Max {
    fn identity<T: Scalar>() -> T {
        -T::INFINITY
    }
    #[inline(always)]
    fn combine<V: Vector>(x: V, y: V) -> V {
        x.max(y)
    }
}

impl Combine for Greater {
    fn identity<T: Scalar>() -> T {
        -T::INFINITY
    }
    #[inline(always)]
    fn combine<V: Vector>(x: V, y: V) -> V {
        x.pmax(y)
    }
}

impl Combine for Min {
    fn identity<T: Scalar>() -> T {
        T::INFINITY
    }
    #[inline(always)]
    fn combine<V: Vector>(x: V, y: V) -> V {
        x.min(y)
    }
}

/// x
pub struct Identity;
/// |x|
pub struct Abs;
/// x²
pub struct Square;
/// x − aux and its square, for an aux a result
pub struct Deviation;
/// x · aux, for an aux an element
pub struct Product;

macro_rules! map {
    ($name:ident, $aux:ident, |$x:ident, $a:ident| $value:expr) => {
        impl<T: Scalar> Map<T> for $name {
            const AUX: Aux = Aux::$aux;
            #[inline(always)]
            fn map($x: T::Vector, $a: T::Vector) -> [T::Vector; 1] {
                [$value]
            }
        }
    };
}
map!(Identity, None, |x, _a| x);
map!(Abs, None, |x, _a| x.abs());
map!(Square, None, |x, _a| x * x);
map!(Product, Stream, |x, a| x * a);

impl<T: Scalar> Map<T, 2> for Deviation {
    const AUX: Aux = Aux::Value;
    const GROUPS: usize = 2;
    #[inline(always)]
    fn map(x: T::Vector, aux: T::Vector) -> [T::Vector; 2] {
        let d = x - aux;
        [d, d * d]
    }
}

/// Reduces the axis of `x` to `out`; `aux` has the shape that `M::AUX` says, and may be empty where
/// there is none.
///
/// **Errors**: panics when an array does not have the elements its shape needs.
pub fn fold<T: Scalar, C: Combine, M: Map<T>>(x: &[T], aux: &[T], axis: Axis, out: &mut [T]) {
    axis.check_full(x.len());
    axis.check_reduced(out.len());
    match M::AUX {
        Aux::None => {}
        Aux::Value => axis.check_reduced(aux.len()),
        Aux::Stream => axis.check_full(aux.len()),
    }
    let Axis { outer, n, inner } = axis;
    let written = Part::new(out);
    // SAFETY: a range writes the results of its own rows or tiles of columns.
    let pointers = unsafe { Shared::new((x.as_ptr(), aux.as_ptr(), written.as_mut_ptr())) };
    let tiles = inner.div_ceil(COLUMNS);
    for_range(outer * tiles, Grain::of(n * inner.min(COLUMNS)), &written, |range| {
        let (x, aux, out) = pointers.get();
        for tile in range {
            let (o, c) = if inner == 1 { (tile, 0) } else { (tile / tiles, tile % tiles * COLUMNS) };
            let at = |aux: *const T, c: usize| match M::AUX {
                Aux::None => aux,
                Aux::Value => aux.wrapping_add(o * inner + c),
                Aux::Stream => aux.wrapping_add(o * n * inner + c),
            };
            if inner == 1 {
                // SAFETY: row o of n elements is inside x, and result o inside out; aux is as long
                // as either.
                unsafe { *out.add(o) = fold_row::<T, C, M>(x.add(o * n), at(aux, 0), n) };
            } else {
                let (width, from) = (COLUMNS.min(inner - c), o * n * inner + c);
                // SAFETY: columns c..c + width of n rows, `inner` apart, are inside x, and their
                // results inside out.
                unsafe { fold_columns::<T, C, M>(x.add(from), at(aux, c), n, inner, width, out.add(o * inner + c)) };
            }
        }
    });
}
