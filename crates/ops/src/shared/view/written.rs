//! Copies of a tensor with a part written: `diagonal_scatter`, `select_scatter`, `slice_scatter`.

use crate::elementwise::copy::copy_;
use crate::view::clone::clone;
use adjoint_autograd::{Attr, Outputs, Sample, SampleTensor, Tensor, hidden, required};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

/// A copy of the first input with the second written to what `part` gives of it, a view of the same
/// shape.
pub fn written(inputs: &[Option<&Tensor>], part: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Outputs> {
    let [x, src] = [0, 1].map(|i| required(inputs, i));
    let out = clone(&hidden::spread_like(x, &[src])?)?;
    let view = part(&out)?;
    if view.shape() != src.shape() {
        return Err(Error::shape(format!(
            "expected src to have a size equal to the slice of self, got {:?} and {:?}",
            src.shape(),
            view.shape()
        )));
    }
    copy_(&view, src)?;
    Ok(smallvec![out])
}

/// A call with tensors of these shapes.
pub fn sample(label: &str, x: &[usize], src: &[usize], attrs: impl IntoIterator<Item = Attr>) -> Sample {
    let mut args = vec![SampleTensor::new(x).into(), SampleTensor::new(src).into()];
    args.extend(attrs.into_iter().map(Into::into));
    Sample::new(label, args)
}
