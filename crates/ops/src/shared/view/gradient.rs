//! Zeros with a view written: what the gradient of a view onto a part is.

use adjoint_autograd::Facts;
use adjoint_tensor::{Array, Error, Layout, Result, Scalar};

/// Fills `out` with zeros and writes `g` into its view `layout`.
pub(crate) fn write(out: &Array, layout: Layout, g: &Array) -> Result<()> {
    out.fill(Scalar::Float(0.0));
    out.with_layout(layout)?.assign(g)
}

/// Fails unless the gradient of a call has the shape its view has.
pub(crate) fn check(call: &Facts, layout: &Layout) -> Result<()> {
    if call.input(0).shape() == layout.shape.as_slice() {
        return Ok(());
    }
    Err(Error::shape(format!(
        "the gradient has shape {:?} but the window has {:?}",
        call.input(0).shape(),
        layout.shape.as_slice()
    )))
}
