//! Which formulas are worth loops of their own.

use adjoint_kernels::elementwise::Blocks;

/// For what of a formula f32 gets compiled loops; the rest is interpreted, which gives the same
/// bits.
///
/// A compiled loop is a few hundred bytes of binary, or a few thousand where there are exponentials
/// in it. Interpreted, a call costs a third of a microsecond more, and each step of the formula a
/// pass over the first-level cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loops {
    /// The value and its gradients: what networks are made of.
    Both,
    /// The value.
    Forward,
    /// Neither: a formula of one step, which takes as long interpreted.
    Neither,
}

impl Loops {
    pub(super) const fn forward(self, blocks: Blocks) -> Blocks {
        if matches!(self, Loops::Neither) { blocks.interpreted() } else { blocks }
    }

    pub(super) const fn backward(self, blocks: Blocks) -> Blocks {
        if matches!(self, Loops::Both) { blocks } else { blocks.interpreted() }
    }
}
