//! Ops that answer a question of each element: bool results, no derivative.

use crate::shared::samples;
use adjoint_autograd::{Arg, Body, Class, OpDef, Promotion, Vjp};
use adjoint_kernels::elementwise::{Predicate, predicate_blocks};

use super::numbers;

const ONE: &[Arg] = &[Arg::tensor("input")];
const TWO: &[Arg] = &[Arg::tensor("input"), Arg::number("other")];

/// A question about one tensor.
pub const fn predicate1<F: Predicate<1, P>, const P: usize>() -> OpDef {
    OpDef {
        args: ONE,
        class: Class::Elementwise,
        promotion: Promotion::Compare,
        body: Body::Elementwise { blocks: predicate_blocks::<F, 1, P>(), params: numbers },
        vjp: Vjp::None("the result is bool"),
        samples: samples::unary,
        ..OpDef::BASE
    }
}

/// A question about two broadcast tensors.
pub const fn predicate2<F: Predicate<2, P>, const P: usize>() -> OpDef {
    OpDef {
        args: TWO,
        in_place: true,
        body: Body::Elementwise { blocks: predicate_blocks::<F, 2, P>(), params: numbers },
        samples: samples::binary,
        errors: samples::binary_errors,
        ..predicate1::<Always, 0>()
    }
}

/// A placeholder that lets [`predicate2`] take the rest from [`predicate1`].
struct Always;

impl Predicate<1, 0> for Always {
    #[inline(always)]
    fn test<R: adjoint_kernels::algebra::Ring>([x]: [R; 1], []: [R; 0]) -> R::Mask {
        x.eq(x)
    }
}
