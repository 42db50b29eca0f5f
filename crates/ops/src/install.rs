//! Hands the engine the ops it needs.

use crate::elementwise::{add, copy, flat, mul};
use crate::reduce::{sum, sum_to_size};
use crate::view::{as_strided, clone};
use adjoint_autograd::required::{self, Required};
use adjoint_autograd::{Tensor, modes};
use adjoint_tensor::Result;

/// Makes the op table usable on this thread. Harmless to repeat.
pub fn install() {
    required::install(&Required {
        add: add::add,
        add_in_place: |a, b| {
            let _off = modes::GradMode::set(false);
            add::add_(a, b)
        },
        mul: mul::mul,
        sum_to: sum_to_size::sum_to_size,
        sum: sum::sum_all,
        cast: crate::elementwise::to::to,
        clone: clone::clone,
        as_strided: as_strided::view_of,
        copy_in_place: copy::copy_,
        flat: || &flat::DEF,
        find_nan,
    });
}

fn find_nan(t: &Tensor) -> Result<Option<usize>> {
    Ok(t.array().to_vec_f64()?.iter().position(|v| v.is_nan()))
}
