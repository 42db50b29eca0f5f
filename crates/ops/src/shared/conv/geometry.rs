//! The arguments of convolutions: reading them, checking them, and handing them to the ops that
//! compute.

use adjoint_autograd::{Attrs, Tensor};
use adjoint_kernels::conv::Conv2d;
use adjoint_tensor::{Error, Result};

/// Places along a padded axis, at most: offsets in bytes have to fit a signed 32-bit address.
const LONGEST: i64 = 1 << 28;

/// Stride, padding before the first row and column, dilation, as (rows, columns), and groups.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
    pub groups: usize,
}

impl Geometry {
    /// From numbers as they were given, once they are known to make an output. Steps beyond the
    /// longest axis act alike.
    pub fn new(stride: [i64; 2], padding: [i64; 2], dilation: [i64; 2], groups: usize) -> Self {
        let [stride, padding, dilation] = [stride, padding, dilation].map(|v| v.map(|v| v.min(LONGEST) as usize));
        Self { stride, padding, dilation, groups }
    }

    /// As the one attribute of an op, with the size that the op's inputs do not tell.
    pub fn attrs(&self, size: [usize; 2]) -> Attrs {
        let [a, b, c, d] = [self.stride, self.padding, self.dilation, size].map(|[h, w]| [h as i64, w as i64]);
        Attrs::new().ints(&[a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1], self.groups as i64])
    }

    /// Back from the attribute.
    pub fn of(attrs: &Attrs) -> Result<(Self, [usize; 2])> {
        match *attrs.get_ints(0)? {
            [a, b, c, d, e, f, g, h, groups] => {
                let pair = |x: i64, y: i64| [x as usize, y as usize];
                let (stride, padding, dilation) = (pair(a, b), pair(c, d), pair(e, f));
                Ok((Self { stride, padding, dilation, groups: groups as usize }, pair(g, h)))
            }
            ref other => Err(Error::usage(format!("expected nine integers, got {other:?}"))),
        }
    }

    /// For the kernels, from sizes.
    pub fn conv(&self, input: &[usize], weight: &[usize], output: [usize; 2]) -> Conv2d {
        Conv2d {
            batch: input[0],
            channels: input[1],
            filters: weight[0],
            groups: self.groups,
            input: [input[2], input[3]],
            kernel: [weight[2], weight[3]],
            output,
            stride: self.stride,
            padding: self.padding,
            dilation: self.dilation,
        }
    }
}

/// Input and weight as batches of images, or of volumes, in a convolution over `dims` axes: a
/// sequence is an image of one row, one image a batch of one.
pub struct Operands {
    pub input: Tensor,
    pub weight: Tensor,
    /// Whether the input had a batch.
    pub batched: bool,
    pub dims: usize,
}

impl Operands {
    /// Checks ranks, dtypes and the bias, which needs `filters(weight)` elements.
    pub fn new(
        inputs: &[Option<&Tensor>],
        dims: usize,
        filters: impl Fn(&[usize]) -> usize,
    ) -> Result<(Self, Option<Tensor>)> {
        let [Some(x), Some(w), bias] = *inputs else { return Err(Error::usage("expected an input and a weight")) };
        if x.rank() != dims + 1 && x.rank() != dims + 2 {
            return Err(Error::shape(format!(
                "expected an input of {} dims, or {} without a batch, got {:?}",
                dims + 2,
                dims + 1,
                x.shape()
            )));
        }
        if w.rank() != dims + 2 {
            return Err(Error::shape(format!("expected a weight of {} dims, got {:?}", dims + 2, w.shape())));
        }
        for (name, t) in [("weight", Some(w)), ("bias", bias)] {
            if let Some(t) = t.filter(|t| t.dtype() != x.dtype()) {
                let (input, other) = (x.dtype().name(), t.dtype().name());
                return Err(Error::dtype(format!(
                    "expected input and {name} of one dtype, got {input} and {other}; cast with to()"
                )));
            }
        }
        if !x.dtype().is_float() {
            let dtype = x.dtype().name();
            return Err(Error::dtype(format!(
                "expected a floating-point tensor, got {dtype}; cast with to('float32')"
            )));
        }
        if w.shape()[2..].contains(&0) {
            return Err(Error::shape(format!("expected a weight with a kernel of at least 1, got {:?}", w.shape())));
        }
        let count = filters(w.shape());
        if w.shape()[0] == 0 || count == 0 {
            return Err(Error::shape(format!("expected a weight of at least 1 filter, got {:?}", w.shape())));
        }
        if let Some(b) = bias.filter(|b| b.shape() != [count]) {
            return Err(Error::shape(format!(
                "given a weight of shape {:?}, expected a bias of shape [{count}], got {:?}",
                w.shape(),
                b.shape()
            )));
        }
        let batched = x.rank() == dims + 2;
        let planes = |t: &Tensor, batched: bool| -> Result<Tensor> {
            use crate::view::unsqueeze::unsqueeze;
            let t = if batched { t.clone() } else { unsqueeze(t, 0)? };
            if dims == 1 { unsqueeze(&t, 2) } else { Ok(t) }
        };
        let (input, weight) = (planes(x, batched)?, planes(w, true)?);
        Ok((Self { input, weight, batched, dims }, bias.cloned()))
    }

    /// Refuses images without rows or columns, as PyTorch does unless there is no image or no
    /// channel.
    pub fn image(&self, given: Option<&Tensor>) -> Result<()> {
        match self.input.shape() {
            [n, channels, size @ ..] if *n > 0 && *channels > 0 && size.contains(&0) => Err(Error::shape(format!(
                "expected an input of which only the batch or the channels are empty, got {:?}; leave empty images out",
                given.map_or(&[][..], Tensor::shape)
            ))),
            _ => Ok(()),
        }
    }

    /// The result without what was added to the input.
    pub fn result(&self, y: Tensor) -> Result<Tensor> {
        use crate::view::squeeze::squeeze;
        let y = if self.dims == 1 { squeeze(&y, 2)? } else { y };
        if self.batched { Ok(y) } else { squeeze(&y, 0) }
    }
}

/// `groups` in attribute `i`, which must divide the filters of a weight.
pub fn groups(attrs: &Attrs, i: usize, weight: &[usize]) -> Result<usize> {
    let groups = attrs.get_int(i)?;
    if groups < 1 {
        return Err(Error::usage(format!("expected groups of at least 1, got {groups}")));
    }
    let filters = weight[0];
    if groups > filters.max(1) as i64 || !filters.is_multiple_of(groups as usize) {
        return Err(Error::shape(format!(
            "expected a weight whose dim 0 is a multiple of groups={groups}, got shape {weight:?}"
        )));
    }
    Ok(groups as usize)
}

/// Places along an axis with its padding, as long as kernels can address them.
pub fn padded(size: i128, padding: i128, behind: i128) -> Result<i128> {
    let sum = size + padding + behind;
    if sum > i128::from(LONGEST) {
        return Err(Error::shape(format!(
            "expected at most {LONGEST} elements along an axis, padding included, got {size} and padding of {padding} and {behind}"
        )));
    }
    Ok(sum)
}
