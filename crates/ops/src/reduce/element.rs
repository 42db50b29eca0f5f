//! From a dtype to the element type a kernel is compiled for.

use adjoint_tensor::{DType, Error};

/// Runs an expression with a type alias bound to a floating-point element type; an error for other dtypes.
macro_rules! floats {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            adjoint_tensor::DType::Float32 => {
                type $t = f32;
                $body
            }
            adjoint_tensor::DType::Float64 => {
                type $t = f64;
                $body
            }
            other => return Err(crate::reduce::element::unsupported(other)),
        }
    };
}

/// The same for integers.
macro_rules! integers {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            adjoint_tensor::DType::Int64 => {
                type $t = i64;
                $body
            }
            adjoint_tensor::DType::Int32 => {
                type $t = i32;
                $body
            }
            adjoint_tensor::DType::Int16 => {
                type $t = i16;
                $body
            }
            adjoint_tensor::DType::Int8 => {
                type $t = i8;
                $body
            }
            adjoint_tensor::DType::UInt8 => {
                type $t = u8;
                $body
            }
            other => return Err(crate::reduce::element::unsupported(other)),
        }
    };
}

/// Runs an expression with `$x` bound to the elements of a contiguous array, as what they are; bools as bytes.
macro_rules! elements {
    ($array:expr, $x:ident => $body:expr) => {
        match $array.dtype() {
            adjoint_tensor::DType::Float32 => {
                let $x = $array.as_slice::<f32>();
                $body
            }
            adjoint_tensor::DType::Float64 => {
                let $x = $array.as_slice::<f64>();
                $body
            }
            adjoint_tensor::DType::Bool => {
                let $x = $array.bool_bytes();
                $body
            }
            dtype => crate::reduce::element::integers!(dtype, T => {
                let $x = $array.as_slice::<T>();
                $body
            }),
        }
    };
}

/// Runs an expression with `$x` bound to the elements of an integer array and `$w` its 64-bit form.
macro_rules! integer_elements {
    ($array:expr, $x:ident => $body:expr) => {
        match $array.dtype() {
            adjoint_tensor::DType::Bool => {
                let $x = $array.bool_bytes();
                $body
            }
            dtype => crate::reduce::element::integers!(dtype, T => {
                let $x = $array.as_slice::<T>();
                $body
            }),
        }
    };
}

pub(crate) use {elements, floats, integer_elements, integers};

/// The error for a dtype no kernel is made for.
#[cold]
pub fn unsupported(dtype: DType) -> Error {
    Error::dtype(format!("not implemented for {}; cast with to() first", dtype.name())).with("dtype", dtype.name())
}
