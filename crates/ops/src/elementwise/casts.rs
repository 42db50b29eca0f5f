//! The dtypes as methods: `x.float()`.

use super::to;
use crate::samples;
use crate::view::memory_format;
use adjoint_autograd::{Arg, Body, OpDef, Sample, Surface, required};
use adjoint_tensor::DType;

macro_rules! cast {
    ($name:literal, $dtype:ident, $text:literal) => {
        &OpDef {
            name: $name,
            doc: concat!("Returns `input` as ", $text, ", as `to` does. Source: PyTorch, `Tensor.", $name, "`."),
            args: &[Arg::tensor("input"), memory_format::ARG],
            surface: &[Surface::Method],
            body: Body::Composite(|inputs, attrs| {
                let x = required(inputs, 0);
                to::convert(x, DType::$dtype, false, attrs.get(0))
            }),
            // Finite differences do not see through a rounding.
            samples: || samples::unary().into_iter().map(Sample::kink).collect(),
            ..OpDef::COMPOSITE
        }
        .shipped()
    };
}

/// The ops of this file.
pub static DEFS: &[&OpDef] = &[
    cast!("bfloat16", BFloat16, "bfloat16"),
    cast!("bool", Bool, "bool"),
    cast!("byte", UInt8, "uint8"),
    cast!("char", Int8, "int8"),
    cast!("double", Float64, "float64"),
    cast!("float", Float32, "float32"),
    cast!("half", Float16, "float16"),
    cast!("int", Int32, "int32"),
    cast!("long", Int64, "int64"),
    cast!("short", Int16, "int16"),
];
