//! Dims of size 1 added until there are enough.

use super::samples::tensors;
use adjoint_autograd::{Api, Arg, OpDef, Sample};

/// What all of them have.
pub const ATLEAST: OpDef =
    OpDef { args: &[Arg::tensor("input")], surface: &[Api::Function], samples, ..OpDef::COMPOSITE };

fn samples() -> Vec<Sample> {
    let shapes: [&[usize]; 4] = [&[], &[3], &[2, 3], &[2, 1, 3]];
    shapes.iter().map(|s| tensors(&format!("shape {s:?}"), &[s])).collect()
}
