//! Copies of views: PyTorch's `squeeze_copy` beside `squeeze`. Each is a view, of which the values are copied.

use crate::invoke;
use crate::view::clone::clone_contiguous;
use adjoint_autograd::{Api, Attrs, Body, Class, Jvp, OpDef, Outputs, Saves, Tensor, Vjp};
use adjoint_tensor::Result;

/// What the body of a composite is.
pub type Composite = fn(&[Option<&Tensor>], &Attrs) -> Result<Outputs>;

/// The copying form of a view: `body` calls [`copied`] with it.
pub const fn copying(view: &'static OpDef, name: &'static str, doc: &'static str, body: Composite) -> OpDef {
    OpDef {
        name,
        part_of: "",
        doc,
        outputs: if matches!(view.body, Body::Views(_)) { &[] } else { view.outputs },
        by_hand: false,
        class: Class::Composite,
        node: "",
        surface: &[Api::Function],
        in_place: false,
        body: Body::Composite(body),
        vjp: Vjp::Composite,
        jvp: Jvp::Transposed,
        saves: Saves::NOTHING,
        ..*view
    }
}

/// Copies of the views that `view` gives.
pub fn copied(view: &'static OpDef, inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    invoke::many(view, inputs, attrs.clone())?.iter().map(clone_contiguous).collect()
}
