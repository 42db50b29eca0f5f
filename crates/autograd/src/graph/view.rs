//! Views: tensors on the storage of another one, and what a write through one leaves in the graph.

use crate::graph::modes;
use crate::graph::node::{Edge, Node};
use crate::graph::tensor::{TangentLevel, Tensor};
use crate::op::required;
use adjoint_tensor::{Array, Error, Layout, Result, dims};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How a view came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// Recorded, by an op with one output.
    Recorded,
    /// By an op that returns several views.
    Multiple,
    /// While nothing was recorded.
    NoGrad,
    /// In inference mode.
    Inference,
    /// By a function of the user, whose own derivative a rewritten history would bypass.
    Custom,
}

impl Creation {
    /// That of a view made now.
    pub fn now(multiple: bool) -> Self {
        if modes::inference() {
            Creation::Inference
        } else if !modes::grad_enabled() {
            Creation::NoGrad
        } else if multiple {
            Creation::Multiple
        } else {
            Creation::Recorded
        }
    }
}

/// What makes a tensor a view: its base, which is not a view itself.
#[derive(Debug)]
pub struct ViewOf {
    /// The tensor whose storage this is.
    pub base: Tensor,
    /// The tangents the base had where the view was made.
    pub(crate) tangents: RefCell<Option<Rc<TangentLevel>>>,
    /// Whether the program's handle of the base became this view's, as in-place forms of views do
    /// (`t_()`).
    pub(crate) replaces_base: Cell<bool>,
    creation: Cell<Creation>,
    /// The storage's version for which the view's node is right.
    version: Cell<u32>,
}

impl ViewOf {
    /// A view of `source`, which may be a view itself.
    pub fn new(source: &Tensor, creation: Creation) -> Self {
        let (base, tangents, inherited) = source.with_view(|v| match v {
            Some(v) => (v.base.clone(), v.tangents.borrow().clone(), v.creation.get()),
            None => (source.with_tangents(None), source.tangents().cloned(), Creation::Recorded),
        });
        let creation = match (inherited, creation) {
            (_, Creation::Recorded) | (Creation::Inference, _) => inherited,
            _ => creation,
        };
        ViewOf {
            base,
            tangents: RefCell::new(tangents),
            replaces_base: Cell::new(false),
            creation: Cell::new(creation),
            version: Cell::new(source.version()),
        }
    }

    /// Notes that a function of the user made the view, at this version.
    pub fn set_custom(&self, version: u32) {
        self.creation.set(Creation::Custom);
        self.version.set(version);
    }

    /// Fails where the view's node cannot be replaced by that of a view of its base. `node` is what
    /// made the view; `indirect` says that not the view itself is written but its base or another
    /// view of that.
    pub(crate) fn allows_change(&self, node: Option<&Edge>, indirect: bool) -> Result<()> {
        let what = if indirect { "and its base or another view of its base has been" } else { "and is being" };
        let origin = node.map_or_else(
            || "a view".to_string(),
            |e| {
                let name = e.node.name();
                format!("output {} of {} is a view", e.index, name.split("Backward").next().unwrap_or(&name))
            },
        );
        Err(Error::autograd(match self.creation.get() {
            Creation::Recorded => return Ok(()),
            Creation::Multiple => format!(
                "{origin} {what} modified in place; it comes from a function that returns multiple views, which does \
                 not allow that; replace the in-place operation by an out-of-place one"
            ),
            Creation::NoGrad => format!(
                "a view was created in noGrad mode {what} modified in place with grad mode enabled; move both the view \
                 and the in-place operation into noGrad(), or both out of it"
            ),
            Creation::Inference => format!(
                "a view was created in inference mode {what} modified in place in normal mode; clone() it first"
            ),
            Creation::Custom => format!(
                "{origin} {what} modified in place; it was made inside a custom Function (or is an input returned as it \
                 was), whose own backward the change would bypass; clone() the output of the custom Function"
            ),
        }))
    }

    /// Whether the storage was written since the view's node was made.
    pub fn is_stale(&self, array: &Array) -> bool {
        self.version.get() != array.storage().version()
    }

    /// Notes that the view's node is right for this version.
    pub fn set_version(&self, version: u32) {
        self.version.set(version);
    }

    /// A fresh node for a stale view.
    pub(crate) fn rebuild(base: &Tensor, view: &Tensor) -> Result<Edge> {
        let _on = modes::GradMode::set(true);
        let _recorded = modes::Inference::set(false);
        let fresh = (required::get().as_strided)(base, view.array().layout())?;
        fresh.edge()?.ok_or_else(|| Error::autograd("a view of a tensor with history has none"))
    }
}

/// A write through a view, seen from its base: `inner` maps the old values of the view (and other
/// inputs) to the new ones.
#[derive(Debug)]
pub(crate) struct CopySlices {
    pub base: Layout,
    pub view: Layout,
    pub inner: Rc<Node>,
}

/// The layout that `view` has on `base`, carried over to a tensor `target` of the base's shape.
///
/// Each stride of the view is a combination of the base's strides; for a base without overlap,
/// going through dims from the largest stride down finds it.
pub(crate) fn relative(base: &Layout, view: &Layout, target: &Layout) -> Result<Layout> {
    if base.strides == target.strides {
        return Ok(Layout { offset: view.offset - base.offset + target.offset, ..view.clone() });
    }
    let mut order: SmallVec<[usize; 6]> = (0..base.rank()).filter(|&d| base.shape[d] > 1).collect();
    dims::sort_few(&mut order, |d| std::cmp::Reverse(base.strides[d]));
    let carry = |mut distance: isize| -> Result<isize> {
        let mut out = 0;
        for &d in &order {
            let (have, want) = (base.strides[d], target.strides[d]);
            if have > 0 {
                out += distance / have * want;
                distance %= have;
            }
        }
        if distance == 0 {
            Ok(out)
        } else {
            Err(Error::autograd(
                "a write through this view of a non-contiguous tensor cannot be differentiated; clone() first",
            ))
        }
    };
    let mut out = view.clone();
    out.offset = target.offset + carry((view.offset - base.offset) as isize)? as usize;
    for stride in &mut out.strides {
        *stride = carry(*stride)?;
    }
    Ok(out)
}
