//! Debug builds: a loop in several splits and in shuffled order writes the bits that it writes
//! whole.

use super::Outputs;
use crate::scratch;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Loops of at most so many units also run unit by unit.
const FEW: usize = 16;

/// Outputs of more bytes are not compared.
const MOST: usize = 1 << 22;

thread_local! {
    /// Whether a loop is being compared: those inside it run whole.
    static COMPARES: Cell<bool> = const { Cell::new(false) };
}

/// Clears the mark also where a loop panics.
struct Comparing;

impl Comparing {
    fn start() -> Option<Self> {
        (!COMPARES.replace(true)).then_some(Comparing)
    }
}

impl Drop for Comparing {
    fn drop(&mut self) {
        COMPARES.set(false);
    }
}

/// Runs a loop whole and split, and panics where they write different bits. False, and nothing
/// done, where there is nothing to compare.
pub(super) fn run(n: usize, unit: usize, out: &(impl Outputs + ?Sized), f: &impl Fn(Range<usize>)) -> bool {
    assert!(unit > 0, "exec: a unit of 0 splits nothing");
    let units = n.div_ceil(unit);
    let bytes = size(out);
    if units < 2 || bytes == 0 || bytes > MOST {
        return false;
    }
    let Some(_comparing) = Comparing::start() else { return false };
    let before = copy(out);
    f(0..n);
    let whole = copy(out);
    let few = if units <= FEW { 1 } else { units.div_ceil(FEW) };
    for each in [units.div_ceil(2), few] {
        restore(out, &before);
        for part in shuffled(units.div_ceil(each)) {
            f(part * each * unit..((part + 1) * each * unit).min(n));
        }
        // Without memory outputs are unspecified.
        assert!(
            scratch::has_failed() || is_same(out, &whole),
            "exec: a loop over {n} writes other bits in ranges of {}",
            each * unit
        );
    }
    true
}

/// `0..n` in another order, the same one each time.
#[allow(clippy::disallowed_methods, reason = "a debug build")]
fn shuffled(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).rev().collect();
    let mut state = n as u64 | 1;
    for i in (1..n).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(i, (state >> 33) as usize % (i + 1));
    }
    order
}

type Bytes = Vec<MaybeUninit<u8>>;

fn size(out: &(impl Outputs + ?Sized)) -> usize {
    let mut bytes = 0;
    out.each(&mut |_, n| bytes += n);
    bytes
}

/// The bytes of all outputs, of which some may not have been written yet.
#[allow(clippy::disallowed_methods, reason = "a debug build, and at most `MOST` bytes")]
fn copy(out: &(impl Outputs + ?Sized)) -> Bytes {
    let mut bytes = Bytes::with_capacity(size(out));
    out.each(&mut |from, n| {
        // SAFETY: the output has these bytes, and no range runs.
        bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(from.cast::<MaybeUninit<u8>>(), n) });
    });
    bytes
}

fn restore(out: &(impl Outputs + ?Sized), bytes: &Bytes) {
    let mut at = 0;
    out.each(&mut |to, n| {
        // SAFETY: as many bytes as were copied from there.
        unsafe { std::ptr::copy_nonoverlapping(bytes[at..][..n].as_ptr(), to.cast(), n) };
        at += n;
    });
}

fn is_same(out: &(impl Outputs + ?Sized), bytes: &Bytes) -> bool {
    let (mut at, mut same) = (0, true);
    out.each(&mut |of, n| {
        let before = bytes[at..][..n].as_ptr().cast::<u8>();
        // SAFETY: as above; elements were written, and bytes between them were put back.
        same &= unsafe { std::slice::from_raw_parts(of, n) == std::slice::from_raw_parts(before, n) };
        at += n;
    });
    same
}

#[cfg(test)]
mod tests {
    use super::super::{Grain, Part, for_range};
    use super::*;

    #[test]
    fn all_pieces_come_once_in_another_order() {
        for n in [1, 2, 3, 17] {
            let mut order = shuffled(n);
            assert!(n < 3 || order != (0..n).collect::<Vec<_>>());
            order.sort_unstable();
            assert_eq!(order, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "writes other bits in ranges of")]
    fn a_loop_that_minds_where_it_is_split_is_found() {
        let mut y = [0; 40];
        let out = Part::new(&mut y);
        for_range(40, Grain::of(1), &out, |range| {
            let start = range.start;
            // SAFETY: ranges are disjoint.
            unsafe { out.slice(range) }.fill(start);
        });
    }

    #[test]
    #[should_panic(expected = "writes other bits in ranges of")]
    fn a_loop_that_minds_the_order_is_found() {
        let mut y = [0; 40];
        let out = Part::new(&mut y);
        let last = std::sync::atomic::AtomicUsize::new(0);
        for_range(40, Grain::of(1), &out, |range| {
            for i in range {
                // SAFETY: ranges are disjoint.
                let y = unsafe { out.slice(i..i + 1) };
                y[0] = last.swap(i, std::sync::atomic::Ordering::Relaxed);
            }
        });
    }

    #[test]
    fn units_are_kept_together_and_what_was_there_is_put_back() {
        let mut y = [1; 30];
        let out = Part::new(&mut y);
        for_range(30, Grain::of(1).in_units(4), &out, |range| {
            assert_eq!(range.start % 4, 0);
            // SAFETY: ranges are disjoint.
            unsafe { out.slice(range) }.iter_mut().for_each(|y| *y += 1);
        });
        assert_eq!(y, [2; 30]);
    }
}
