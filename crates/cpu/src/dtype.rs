//! From a dtype to the element type that a kernel is compiled for.
//!
//! The macros run one expression with a type or a slice bound. In it neither `return` nor `?` may
//! stand: for all dtypes but f32 it becomes a function of its own, see [`apart`].

use adjoint_tensor::{DType, Error};

/// Runs an expression with a type alias bound to a floating-point element type; an error for other
/// dtypes.
#[macro_export]
macro_rules! floats {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            $crate::adjoint_tensor::DType::Float32 => {
                type $t = f32;
                $body
            }
            $crate::adjoint_tensor::DType::Float64 => $crate::dtype::apart(|| {
                type $t = f64;
                $body
            }),
            other => return Err($crate::dtype::unsupported(other)),
        }
    };
}

/// Runs an expression with `$x` bound to the elements of a contiguous array: floats as they are,
/// bools as bytes. Integers are widened to 64 bits in a copy, since loops for each width would be
/// twice the code.
#[macro_export]
macro_rules! elements {
    ($array:expr, $x:ident => $body:expr) => {
        match $array.dtype() {
            $crate::adjoint_tensor::DType::Float32 => {
                let $x = $array.as_slice::<f32>();
                $body
            }
            $crate::adjoint_tensor::DType::Float64 => $crate::dtype::apart(|| {
                let $x = $array.as_slice::<f64>();
                $body
            }),
            _ => $crate::integer_elements!($array, $x => $body),
        }
    };
}

/// The same for integers and bools.
#[macro_export]
macro_rules! integer_elements {
    ($array:expr, $x:ident => $body:expr) => {
        match $array.dtype() {
            $crate::adjoint_tensor::DType::Bool => $crate::dtype::apart(|| {
                let $x = $array.bool_bytes();
                $body
            }),
            dtype if dtype.is_float() => return Err($crate::dtype::unsupported(dtype)),
            _ => {
                let wide = $array.cast($crate::adjoint_tensor::DType::Int64)?;
                $crate::dtype::apart(|| {
                    let $x = wide.as_slice::<i64>();
                    $body
                })
            }
        }
    };
}

/// Runs an expression with `$x` bound to the elements of an integer array as int64, and `$out` to
/// those of a fresh array like another; what is written there is cast back.
#[macro_export]
macro_rules! integers_into {
    ($array:expr, $to:expr, |$x:ident, $out:ident| $body:expr) => {{
        let (array, to): (&$crate::adjoint_tensor::Array, &$crate::adjoint_tensor::Array) = ($array, $to);
        let wide = array.cast($crate::adjoint_tensor::DType::Int64)?;
        let mut result = $crate::adjoint_tensor::Array::empty(to.shape(), $crate::adjoint_tensor::DType::Int64)?;
        let ($x, $out) = (wide.as_slice::<i64>(), result.as_mut_slice::<i64>());
        $body;
        to.assign(&result)?;
    }};
}

/// Calls `f` as a function of its own, for loops that most programs do not run: the build leaves
/// functions that these programs do not call to the secondary module.
#[inline(never)]
pub fn apart<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// The error for a dtype no kernel is made for.
#[cold]
pub fn unsupported(dtype: DType) -> Error {
    Error::dtype(format!("not implemented for {}; cast with to() first", dtype.name())).with("dtype", dtype.name())
}
