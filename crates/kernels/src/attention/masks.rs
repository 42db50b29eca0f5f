//! Scores of a block of queries, with what they may not see taken out.

use super::{Matrices, Scores, offset};
use crate::gemm::{Problem, View, run};
use crate::softmax::Exponential;

/// What is done to scores before softmax; strides may be 0.
pub enum Mask<'a, T> {
    /// Nothing.
    None,
    /// Where the byte is 0, −∞ is added: the score becomes −∞, but NaN stays NaN, as in PyTorch.
    Keep(Matrices<'a, *const u8>),
    /// Is added.
    Add(Matrices<'a, *const T>),
}

impl<T: Exponential> Scores<'_, T> {
    /// How many keys the queries `from..from + rows` see at most.
    pub(super) fn keys_seen(&self, from: usize, rows: usize) -> usize {
        if self.causal { self.shape.keys.min(from + rows) } else { self.shape.keys }
    }

    /// Writes the scores of queries `from..from + rows` of head `head` with keys `0..keys`, in rows
    /// of `keys`. What a causal query does not see is left as computed.
    ///
    /// # Safety
    /// The operands are readable and `out` has `rows · keys` writable elements.
    pub(super) unsafe fn block(&self, head: usize, from: usize, rows: usize, keys: usize, out: *mut T) {
        let lead = self.shape.lead;
        let q = self.q.at(offset(head, lead, self.q.lead) + from as isize * self.q.row);
        let k = self.k.at(offset(head, lead, self.k.lead)).transposed();
        let c = View::new(out, keys as isize, 1);
        let p = Problem { m: rows, n: keys, k: self.shape.width, alpha: self.scale, a: q, b: k, beta: T::ZERO, c };
        // SAFETY: rows and keys are inside the operands, and the scores inside `out`.
        unsafe { run(p) };
        // SAFETY: as above; masks are readable at every query and key.
        unsafe {
            match &self.mask {
                Mask::None => {}
                Mask::Keep(mask) => {
                    self.each(mask, head, from, rows, keys, |i, keep: u8| {
                        if keep == 0 {
                            *out.add(i) = *out.add(i) - T::INFINITY;
                        }
                    });
                }
                Mask::Add(mask) => self.each(mask, head, from, rows, keys, |i, v: T| *out.add(i) = *out.add(i) + v),
            }
        }
    }

    /// Calls `f(index in the block, element)` for each element of a mask.
    unsafe fn each<E: Copy>(
        &self,
        mask: &Matrices<'_, *const E>,
        head: usize,
        from: usize,
        rows: usize,
        keys: usize,
        mut f: impl FnMut(usize, E),
    ) {
        let start = mask.ptr.wrapping_offset(offset(head, self.shape.lead, mask.lead));
        for i in 0..rows {
            let row = start.wrapping_offset((from + i) as isize * mask.row);
            for j in 0..keys {
                // SAFETY: query from + i and key j exist.
                f(i * keys + j, unsafe { *row.offset(j as isize * mask.column) });
            }
        }
    }

    /// How many of `keys` scores of query `i` count.
    pub(super) fn visible(&self, i: usize, keys: usize) -> usize {
        if self.causal { keys.min(i + 1) } else { keys }
    }
}
