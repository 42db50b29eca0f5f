//! From a dtype to the element type a kernel is compiled for.

use adjoint_tensor::{DType, Error};

/// Runs an expression with a type alias bound to a floating-point element type; an error for other dtypes. It may neither `return` nor
/// use `?`: what is not for f32 is a function of its own (see [`apart`]).
macro_rules! floats {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            adjoint_tensor::DType::Float32 => {
                type $t = f32;
                $body
            }
            adjoint_tensor::DType::Float64 => crate::reduce::element::apart(|| {
                type $t = f64;
                $body
            }),
            other => return Err(crate::reduce::element::unsupported(other)),
        }
    };
}

/// Runs an expression with `$x` bound to the elements of a contiguous array: floats as what they are, bools as bytes. Integers are widened to
/// 64 bits in a copy, since loops for each width would be twice the code.
macro_rules! elements {
    ($array:expr, $x:ident => $body:expr) => {
        match $array.dtype() {
            adjoint_tensor::DType::Float32 => {
                let $x = $array.as_slice::<f32>();
                $body
            }
            adjoint_tensor::DType::Float64 => crate::reduce::element::apart(|| {
                let $x = $array.as_slice::<f64>();
                $body
            }),
            _ => crate::reduce::element::integer_elements!($array, $x => $body),
        }
    };
}

/// The same for integers and bools.
macro_rules! integer_elements {
    ($array:expr, $x:ident => $body:expr) => {
        match $array.dtype() {
            adjoint_tensor::DType::Bool => crate::reduce::element::apart(|| {
                let $x = $array.bool_bytes();
                $body
            }),
            dtype if dtype.is_float() => return Err(crate::reduce::element::unsupported(dtype)),
            _ => {
                let wide = $array.cast(adjoint_tensor::DType::Int64)?;
                crate::reduce::element::apart(|| {
                    let $x = wide.as_slice::<i64>();
                    $body
                })
            }
        }
    };
}

/// Runs an expression with `$x` bound to the elements of an integer array as int64, and `$out` to those of a fresh array like another; what is
/// written there is cast back.
macro_rules! integers_into {
    ($array:expr, $to:expr, |$x:ident, $out:ident| $body:expr) => {{
        let (array, to): (&adjoint_tensor::Array, &adjoint_tensor::Array) = ($array, $to);
        let wide = array.cast(adjoint_tensor::DType::Int64)?;
        let mut result = adjoint_tensor::Array::empty(to.shape(), adjoint_tensor::DType::Int64)?;
        let ($x, $out) = (wide.as_slice::<i64>(), result.as_mut_slice::<i64>());
        $body;
        to.assign(&result)?;
    }};
}

pub(crate) use {elements, floats, integer_elements, integers_into};

/// Calls `f` as a function of its own, for loops that most programs do not run: the build keeps functions that these do not call out of what
/// is loaded first.
#[inline(never)]
pub fn apart<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// The error for a dtype no kernel is made for.
#[cold]
pub fn unsupported(dtype: DType) -> Error {
    Error::dtype(format!("not implemented for {}; cast with to() first", dtype.name())).with("dtype", dtype.name())
}
