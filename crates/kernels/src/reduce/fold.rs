//! The two loops behind every float reduction: along contiguous rows, and down columns.
//!
//! # Cascade
//!
//! A plain loop adds the millionth term to a sum a million times its size. Here terms are added in blocks, blocks in blocks of blocks, and so on:
//!
//! - Along a row, four vector accumulators take [`BLOCK_TURNS`] terms a lane each, [`BLOCK_SUMS`] times to a block; finished blocks are added
//!   like the digits of a binary counter, so that only partial sums of the same number of terms meet.
//! - Down columns, four rows are added pairwise in registers; [`GROUPS`] such groups make a block, [`GROUPS`] blocks a block of blocks, up to
//!   [`LEVELS`] levels. Memory is read row after row.
//!
//! A reduction is a [`Combine`] (how two partial results make one) and a [`Map`] (what is done to an element first). Both are written for vectors
//! only: what does not fill a vector goes through part of one.

use super::Axis;
use crate::exec;
use adjoint_simd::{Scalar, Vector};
use std::mem::MaybeUninit;

/// How two partial results make one: an associative operation with an identity.
pub trait Combine {
    /// The result for no elements.
    fn identity<T: Scalar>() -> T;
    /// The result for the elements of both.
    fn combine<V: Vector>(x: V, y: V) -> V;
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

/// What is done to an element before it is combined.
pub trait Map<T: Scalar> {
    /// Where `aux` comes from.
    const AUX: Aux;
    /// The mapped element.
    fn map(x: T::Vector, aux: T::Vector) -> T::Vector;
}

/// x + y
pub struct Add;
/// x · y
pub struct Mul;
/// The greater, NaN if either is.
pub struct Max;
/// The smaller, NaN if either is.
pub struct Min;
/// The greater, for where a NaN will be seen anyway: then it is any element, or NaN. A third of what [`Max`] costs, which takes several
/// instructions on x86.
pub struct Greater;

impl Combine for Add {
    fn identity<T: Scalar>() -> T {
        T::ZERO
    }
    #[inline(always)]
    fn combine<V: Vector>(x: V, y: V) -> V {
        x + y
    }
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
/// (x − aux)², for an aux a result
pub struct SquaredDeviation;
/// x · aux, for an aux an element
pub struct Product;

macro_rules! map {
    ($name:ident, $aux:ident, |$x:ident, $a:ident| $value:expr) => {
        impl<T: Scalar> Map<T> for $name {
            const AUX: Aux = Aux::$aux;
            #[inline(always)]
            fn map($x: T::Vector, $a: T::Vector) -> T::Vector {
                $value
            }
        }
    };
}
map!(Identity, None, |x, _a| x);
map!(Abs, None, |x, _a| x.abs());
map!(Square, None, |x, _a| x * x);
map!(SquaredDeviation, Value, |x, a| {
    let d = x - a;
    d * d
});
map!(Product, Stream, |x, a| x * a);

/// Vector accumulators of a row: in f32, a cache line a turn. With two lines a turn the same loop takes half as long again.
const WIDE: usize = 4;
/// Terms a lane of an accumulator takes before they are added to the sum of a block.
const BLOCK_TURNS: usize = 32;
/// Such sums in a block.
const BLOCK_SUMS: usize = 4;
/// Rows added in registers before they meet memory.
const ROWS: usize = 4;
/// Groups of rows in a block, blocks in a block of blocks, ….
const GROUPS: usize = 16;
/// Levels of blocks: 4 · 16⁴ = 262,144 rows before sums of different weight are added.
const LEVELS: usize = 4;
/// Columns taken at once: four rows of a page each, which is how memory is read fastest, while partial results stay in the first-level cache.
pub(crate) const COLUMNS: usize = 1024;

/// Reduces the axis of `x` to `out`; `aux` has the shape that `M::AUX` says, and may be empty where there is none.
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
    let Axis { n, inner, .. } = axis;
    let (x, aux, out) = (x.as_ptr(), aux.as_ptr(), out.as_mut_ptr());
    exec::for_range(axis.outer, 1, |range| {
        for o in range {
            let at = |aux: *const T, c: usize| match M::AUX {
                Aux::None => aux,
                Aux::Value => aux.wrapping_add(o * inner + c),
                Aux::Stream => aux.wrapping_add(o * n * inner + c),
            };
            if inner == 1 {
                // SAFETY: row o of n elements is inside x, and result o inside out; aux is as long as either.
                unsafe { *out.add(o) = fold_row::<T, C, M>(x.add(o * n), at(aux, 0), n) };
            } else {
                for c in (0..inner).step_by(COLUMNS) {
                    let width = COLUMNS.min(inner - c);
                    // SAFETY: columns c..c + width of n rows, `inner` apart, are inside x, and their results inside out.
                    unsafe {
                        fold_columns::<T, C, M>(
                            x.add(o * n * inner + c),
                            at(aux, c),
                            n,
                            inner,
                            width,
                            out.add(o * inner + c),
                        );
                    }
                }
            }
        }
    });
}

/// Reduces `n` contiguous elements to one.
///
/// # Safety
/// `x` has `n` readable elements; `aux` has one where `M::AUX` is `Value`, and `n` where it is `Stream`.
pub(crate) unsafe fn fold_row<T: Scalar, C: Combine, M: Map<T>>(x: *const T, aux: *const T, n: usize) -> T {
    let block = WIDE * T::LANES * BLOCK_TURNS * BLOCK_SUMS;
    // SAFETY: the caller's promise.
    across::<T, C>(unsafe {
        if n <= block { fold_block::<T, C, M>(x, aux, n) } else { fold_blocks::<T, C, M>(x, aux, n, block) }
    })
}

/// Folds block after block, and adds the results as a binary counter carries: level l holds the sum of 2^l blocks where bit l of the count is set.
unsafe fn fold_blocks<T: Scalar, C: Combine, M: Map<T>>(
    x: *const T,
    aux: *const T,
    n: usize,
    block: usize,
) -> T::Vector {
    let mut levels = [T::Vector::splat(C::identity()); usize::BITS as usize];
    let whole = n / block;
    let fold = |i: usize, len: usize| {
        let aux = if M::AUX == Aux::Stream { aux.wrapping_add(i * block) } else { aux };
        // SAFETY: block number i has `len` elements within n.
        unsafe { fold_block::<T, C, M>(x.add(i * block), aux, len) }
    };
    for count in 0..whole {
        let mut sum = fold(count, block);
        let mut level = 0;
        while count >> level & 1 == 1 {
            sum = C::combine(levels[level], sum);
            level += 1;
        }
        levels[level] = sum;
    }
    let mut sum = fold(whole, n - whole * block);
    for (level, &v) in levels.iter().enumerate() {
        if whole >> level & 1 == 1 {
            sum = C::combine(v, sum);
        }
    }
    sum
}

/// Combines the lanes of a vector, pairwise.
#[inline(always)]
fn across<T: Scalar, C: Combine>(v: T::Vector) -> T {
    let lane = |i: usize| T::Vector::splat(v.lane(i));
    let mut sum = C::combine(lane(0), lane(1));
    if T::LANES == 4 {
        sum = C::combine(sum, C::combine(lane(2), lane(3)));
    }
    sum.lane(0)
}

/// Reduces up to a block of contiguous elements to a vector.
#[inline(never)]
unsafe fn fold_block<T: Scalar, C: Combine, M: Map<T>>(x: *const T, aux: *const T, n: usize) -> T::Vector {
    let identity = T::Vector::splat(C::identity());
    let value = match M::AUX {
        // SAFETY: the caller's `Value` has one element.
        Aux::Value => unsafe { T::Vector::load_splat(aux) },
        Aux::None | Aux::Stream => identity,
    };
    let take = |i: usize| {
        // SAFETY: called with a whole vector left from i on, in x and in a stream.
        unsafe {
            let a = if M::AUX == Aux::Stream { T::Vector::load(aux.add(i)) } else { value };
            M::map(T::Vector::load(x.add(i)), a)
        }
    };
    let (mut sum, mut at) = (identity, 0);
    let whole = n - n % (WIDE * T::LANES);
    while at != whole {
        let end = whole.min(at + WIDE * T::LANES * BLOCK_TURNS);
        let mut acc = [identity; WIDE];
        while at != end {
            let (from, with) = (x.wrapping_add(at), aux.wrapping_add(at));
            for (i, acc) in acc.iter_mut().enumerate() {
                // SAFETY: a whole turn is left from here on, in x and in a stream.
                let term = unsafe {
                    let a = if M::AUX == Aux::Stream { T::Vector::load(with.add(i * T::LANES)) } else { value };
                    M::map(T::Vector::load(from.add(i * T::LANES)), a)
                };
                *acc = C::combine(*acc, term);
            }
            at += WIDE * T::LANES;
        }
        sum = C::combine(sum, C::combine(C::combine(acc[0], acc[2]), C::combine(acc[1], acc[3])));
    }
    while at + T::LANES <= n {
        sum = C::combine(sum, take(at));
        at += T::LANES;
    }
    if at < n && n >= T::LANES {
        // The last vector of the row, less what it shares with the one before.
        sum = C::combine(sum, take(n - T::LANES).keep_last(n - at, identity));
    } else if at < n {
        // SAFETY: `n` elements, fewer than a vector; the lanes array has room for one.
        unsafe {
            let a = if M::AUX == Aux::Stream { T::Vector::load_partial(aux, n, T::ZERO) } else { value };
            let mut lanes = [C::identity(); 4];
            M::map(T::Vector::load_partial(x, n, T::ZERO), a).store_partial(lanes.as_mut_ptr(), n);
            sum = T::Vector::load(lanes.as_ptr());
        }
    }
    sum
}

/// Reduces `n` rows of `width` neighbouring elements, `stride` apart, to one row.
///
/// # Safety
/// Those elements of `x` are readable and `width <= COLUMNS` elements of `out` writable; `aux` has `width` elements where `M::AUX` is `Value`, and
/// is laid out as `x` where it is `Stream`.
pub(crate) unsafe fn fold_columns<T: Scalar, C: Combine, M: Map<T>>(
    x: *const T,
    aux: *const T,
    n: usize,
    stride: usize,
    width: usize,
    out: *mut T,
) {
    debug_assert!(width <= COLUMNS, "partial results have room for COLUMNS");
    let mut levels = [MaybeUninit::<[T; COLUMNS]>::uninit(); LEVELS - 1];
    let mut counts = [0_usize; LEVELS];
    let step = |row: usize| if M::AUX == Aux::Stream { aux.wrapping_add(row * stride) } else { aux };
    // SAFETY: rows below n are read, `width` elements each; level l is read only after it was written, when its count is not 0.
    unsafe {
        // `out` serves as level 0.
        for c in 0..width {
            *out.add(c) = C::identity();
        }
        let mut row = 0;
        while row < n {
            if counts[0] == GROUPS {
                carry::<T, C>(out, &mut levels, &mut counts, width);
            }
            let rows = ROWS.min(n - row);
            add_rows::<T, C, M>(x.add(row * stride), step(row), rows, stride, width, out);
            counts[0] += 1;
            row += rows;
        }
        for (level, _) in levels.iter().zip(&counts[1..]).filter(|(_, count)| **count > 0) {
            combine_into::<T, C>(level.as_ptr().cast(), out, width);
        }
    }
}

/// Moves a full level 0 up, and with it every level that fills on the way.
#[cold]
unsafe fn carry<T: Scalar, C: Combine>(
    out: *mut T,
    levels: &mut [MaybeUninit<[T; COLUMNS]>; LEVELS - 1],
    counts: &mut [usize; LEVELS],
    width: usize,
) {
    // The highest level that receives: it is the last one, or it has room.
    let mut top = 1;
    while top < LEVELS - 1 && counts[top] == GROUPS {
        top += 1;
    }
    // SAFETY: as `fold_columns`.
    unsafe {
        for level in (1..=top).rev() {
            let from: *mut T = if level == 1 { out } else { levels[level - 2].as_mut_ptr().cast() };
            let to: *mut T = levels[level - 1].as_mut_ptr().cast();
            if counts[level] == 0 {
                from.copy_to_nonoverlapping(to, width);
            } else {
                combine_into::<T, C>(from, to, width);
            }
            counts[level] += 1;
            counts[level - 1] = 0;
        }
        for c in 0..width {
            *out.add(c) = C::identity();
        }
    }
}

/// `to ← to ∘ from`.
unsafe fn combine_into<T: Scalar, C: Combine>(from: *const T, to: *mut T, width: usize) {
    let mut c = 0;
    // SAFETY: both have `width` elements.
    unsafe {
        while c + T::LANES <= width {
            C::combine(T::Vector::load(to.add(c)), T::Vector::load(from.add(c))).store(to.add(c));
            c += T::LANES;
        }
        while c < width {
            *to.add(c) = C::combine(T::Vector::load_splat(to.add(c)), T::Vector::load_splat(from.add(c))).lane(0);
            c += 1;
        }
    }
}

/// Adds up to `ROWS` rows to `out`.
unsafe fn add_rows<T: Scalar, C: Combine, M: Map<T>>(
    x: *const T,
    aux: *const T,
    rows: usize,
    stride: usize,
    width: usize,
    out: *mut T,
) {
    let whole = width - width % T::LANES;
    // SAFETY: as `fold_columns`; a vector that starts below `whole` ends within `width`.
    unsafe {
        let load = |p: *const T| T::Vector::load(p);
        if rows == ROWS {
            // The number of rows as a constant, so that the loop over them is none.
            add_vectors::<T, C, M>(x, aux, stride, whole, out);
        } else {
            for c in (0..whole).step_by(T::LANES) {
                C::combine(T::Vector::load(out.add(c)), add_down::<T, C, M>(x.add(c), aux, c, rows, stride, load))
                    .store(out.add(c));
            }
        }
        for c in whole..width {
            let load = |p: *const T| T::Vector::load_splat(p);
            let sum = add_down::<T, C, M>(x.add(c), aux, c, rows, stride, load);
            *out.add(c) = C::combine(T::Vector::load_splat(out.add(c)), sum).lane(0);
        }
    }
}

/// Adds `ROWS` rows of whole vectors to `out`.
unsafe fn add_vectors<T: Scalar, C: Combine, M: Map<T>>(
    x: *const T,
    aux: *const T,
    stride: usize,
    whole: usize,
    out: *mut T,
) {
    let load = |p: *const T| {
        // SAFETY: called for vectors that start below `whole`.
        unsafe { T::Vector::load(p) }
    };
    let mut c = 0;
    while c < whole {
        // SAFETY: as `add_rows`.
        unsafe {
            let sum = add_down::<T, C, M>(x.add(c), aux, c, ROWS, stride, load);
            C::combine(T::Vector::load(out.add(c)), sum).store(out.add(c));
        }
        c += T::LANES;
    }
}

/// The sum of up to `ROWS` elements down a column (or a vector of columns), pairwise when there are `ROWS`.
#[inline(always)]
unsafe fn add_down<T: Scalar, C: Combine, M: Map<T>>(
    x: *const T,
    aux: *const T,
    c: usize,
    rows: usize,
    stride: usize,
    load: impl Fn(*const T) -> T::Vector,
) -> T::Vector {
    let at = |r: usize| {
        let a = match M::AUX {
            Aux::None => T::Vector::splat(T::ZERO),
            Aux::Value => load(aux.wrapping_add(c)),
            Aux::Stream => load(aux.wrapping_add(c + r * stride)),
        };
        M::map(load(x.wrapping_add(r * stride)), a)
    };
    if rows == ROWS {
        return C::combine(C::combine(at(0), at(1)), C::combine(at(2), at(3)));
    }
    let mut sum = at(0);
    for r in 1..rows {
        sum = C::combine(sum, at(r));
    }
    sum
}
