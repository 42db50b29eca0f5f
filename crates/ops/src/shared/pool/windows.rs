//! The arguments of pooling: reading them, checking them, and sizes of results.

use crate::shared::dims::axes;
use adjoint_autograd::{Attr, Attrs, Tensor};
use adjoint_tensor::{Dims, Error, Result};

/// Windows along (rows, columns), or along (depth, rows, columns); a sequence is an image of one row.
#[derive(Clone, Copy, Debug)]
pub struct Windows<const N: usize = 2> {
    pub kernel: [usize; N],
    pub stride: [usize; N],
    pub padding: [usize; N],
    pub dilation: [usize; N],
    pub output: [usize; N],
}

/// Steps beyond this act alike, and fit an address; padding beyond it does not.
const LONGEST: i64 = 1 << 28;

/// The input as planes with rows, in pooling over `dims` axes; checks its rank and dtype, and that
/// only the batch is empty.
pub fn planes(input: Option<&Tensor>, dims: usize) -> Result<Tensor> {
    checked(input, dims, dims + 1)
}

/// The same, where there may be no channels either.
pub fn any_planes(input: Option<&Tensor>, dims: usize) -> Result<Tensor> {
    checked(input, dims, dims)
}

/// The planes, of which the last `filled` dims must not be empty.
fn checked(input: Option<&Tensor>, dims: usize, filled: usize) -> Result<Tensor> {
    let Some(x) = input else { return Err(Error::usage("expected an input")) };
    let rank = x.rank();
    if rank != dims + 1 && rank != dims + 2 {
        return Err(Error::shape(format!(
            "expected an input of {} dims, or {} without a batch, got {:?}",
            dims + 2,
            dims + 1,
            x.shape()
        )));
    }
    if x.shape()[rank - filled..].contains(&0) {
        let what = if filled > dims { "the batch is" } else { "batch and channels are" };
        return Err(Error::shape(format!("expected an input of which only {what} empty, got {:?}", x.shape())));
    }
    if !x.dtype().is_float() {
        let dtype = x.dtype().name();
        return Err(Error::dtype(format!("expected a floating-point tensor, got {dtype}; cast with to('float32')")));
    }
    if dims == 1 { crate::view::unsqueeze::unsqueeze(x, rank - 1) } else { Ok(x.clone()) }
}

/// The result without the row that [`planes`] added.
pub fn result(y: &Tensor, dims: usize) -> Result<Tensor> {
    if dims == 1 { crate::view::squeeze::squeeze(y, y.rank() - 2) } else { Ok(y.clone()) }
}

/// Rows and columns of planes.
pub fn area(shape: &[usize]) -> [usize; 2] {
    [shape[shape.len() - 2], shape[shape.len() - 1]]
}

/// Depth, rows and columns of volumes.
pub fn volume(shape: &[usize]) -> [usize; 3] {
    let rank = shape.len();
    [shape[rank - 3], shape[rank - 2], shape[rank - 1]]
}

/// The shape of planes with another size.
pub fn resized(shape: &[usize], [rows, cols]: [usize; 2]) -> Dims {
    let mut out = Dims::from_slice(&shape[..shape.len() - 2]);
    out.extend([rows, cols]);
    out
}

impl<const N: usize> Windows<N> {
    /// From attributes kernel_size, stride (the kernel's where absent) and padding, the first
    /// three, with the given dilation and ceil_mode.
    pub fn new(attrs: &Attrs, dims: usize, dilation: Option<&[i64]>, ceil: bool, input: [usize; N]) -> Result<Self> {
        let kernel: [i64; N] = axes(attrs.get_ints(0)?, "kernelSize", dims, 1, 1)?;
        let stride = match attrs.get(1) {
            Attr::Ints(v) if !v.is_empty() => axes(v, "stride", dims, 1, 1)?,
            _ => kernel,
        };
        let padding: [i64; N] = axes(attrs.get_ints(2)?, "padding", dims, 0, 0)?;
        let dilation: [i64; N] = axes(dilation.unwrap_or(&[1]), "dilation", dims, 1, 1)?;
        let (mut output, mut reached) = ([0; N], [0; N]);
        for i in 0..N {
            // Wide enough for the product of any two numbers that are given.
            let [kernel, stride, padding, dilation] = [kernel, stride, padding, dilation].map(|v| i128::from(v[i]));
            let reach = dilation * (kernel - 1) + 1;
            if padding > reach / 2 {
                return Err(Error::usage(format!(
                    "expected padding of at most half the kernel, got padding {padding} with kernelSize {kernel} and dilation {dilation}"
                )));
            }
            if padding > i128::from(LONGEST) {
                return Err(Error::shape(format!("expected padding of at most {LONGEST}, got {padding}")));
            }
            let size = input[i] as i128;
            let room = size + 2 * padding - reach;
            let round = if ceil { stride - 1 } else { 0 };
            let mut count = (room + round).div_euclid(stride) + 1;
            // With ceil_mode the last window must still begin inside the input or the padding
            // before it.
            if ceil && (count - 1) * stride >= size + padding {
                count -= 1;
            }
            if count < 1 {
                return Err(Error::shape(format!(
                    "expected an input with room for a window, got size {size} with kernelSize {kernel}, padding {padding} and dilation {dilation}"
                )));
            }
            output[i] = count as usize;
            // What of a window is beyond the padding, as the last may be with ceil_mode, is not
            // there.
            reached[i] = kernel.min((size + 2 * padding) / dilation + 1) as usize;
        }
        let [stride, dilation] = [stride, dilation].map(|v: [i64; N]| v.map(|v| v.min(LONGEST) as usize));
        Ok(Self { kernel: reached, stride, padding: padding.map(|v| v as usize), dilation, output })
    }
}
