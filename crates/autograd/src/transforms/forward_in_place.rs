//! Writing in place while tangents travel along.
//!
//! A tangent belongs to the holder of a tensor, but a write changes what every view of its storage
//! sees. So from the first write that involves tangents on, the tangent of the whole written tensor
//! (a base, never a view) is kept with the level; each holder's tangent at that level is then the
//! view of it that the holder is of the base.
//!
//! The write itself is split: the result is computed out of place, as a dual, from a copy of what
//! is overwritten, so that nodes keep duals of values that stay as they are; then its value is
//! copied in, one level down, and its tangent is laid over the tangent of the base.

use crate::dispatch::in_place::{check_cast, check_shape};
use crate::dispatch::{dispatch, hidden};
use crate::graph::tensor::{Retainer, TangentLevel, Tensor};
use crate::graph::view::relative;
use crate::op::interpreter::{Below, Invocation};
use crate::op::{Class, Outputs, Vjp, required};
use crate::transforms::forward_mode::{
    Ceiling, Inputs, innermost, keep_written, refs, unpack_dual, with_live, written_tangent, zeros_like,
};
use adjoint_tensor::{Error, Result};
use std::rc::Rc;

/// The tangent of a tensor that was written, as it is now.
#[derive(Debug)]
pub(super) struct Written {
    /// The written tensor, while there are references to it.
    pub base: Retainer,
    /// Its tangent, of its shape.
    pub tangent: Tensor,
}

/// The view of `whole`, a tangent of `base`, that `t` is of `base`.
pub(super) fn view_at(t: &Tensor, base: &Tensor, whole: &Tensor) -> Result<Tensor> {
    if t.ptr_eq(base) {
        return Ok(whole.clone());
    }
    let layout = relative(base.array().layout(), t.array().layout(), whole.array().layout())?;
    (required::get().as_strided)(whole, &layout)
}

/// Runs an op in place on live duals.
pub(super) fn run(call: &Invocation, inputs: &[Option<Tensor>], below: Below) -> Result<Outputs> {
    let level = innermost(inputs);
    if level == 0 {
        return below.call(&Invocation { inputs: &refs(inputs), ..*call });
    }
    let this = inputs[0].as_ref().ok_or_else(|| Error::usage("expected a tensor as first argument"))?;
    let Invocation { op, attrs, .. } = *call;
    if op.class == Class::Random || matches!(op.vjp, Vjp::None(_)) {
        // What is written does not depend on what was there, nor on anything else that has a
        // tangent.
        let primals = inputs.iter().map(|t| t.as_ref().map(|t| unpack_dual(t, level).0));
        let _ceiling = Ceiling::lower(level);
        let lower: Inputs = primals.map(|t| t.as_ref().map(with_live)).collect();
        run(call, &lower, below)?;
        set_tangent(this, level, None)?;
        return Ok(Outputs::new());
    }
    let before = (required::get().clone)(this)?;
    let mut seen = refs(inputs);
    seen[0] = Some(&before);
    let result = dispatch(op, &seen, attrs.clone())?.swap_remove(0);
    check_shape(result.shape(), this.array())?;
    check_cast(result.dtype(), this.array())?;
    let (value, tangent) = unpack_dual(&result, level);
    let _ceiling = Ceiling::lower(level);
    (required::get().copy_in_place)(&unwrapped(this, level), &value)?;
    if !this.dtype().is_float() {
        return Ok(Outputs::new());
    }
    let tangent = match tangent {
        Some(t) if t.dtype() != this.dtype() => Some((required::get().cast)(&t, this.dtype())?),
        tangent => tangent,
    };
    set_tangent(this, level, tangent)?;
    Ok(Outputs::new())
}

/// The tensor without its tangents at `level`.
fn unwrapped(t: &Tensor, level: u32) -> Tensor {
    match t.tangents() {
        Some(tangents) if tangents.level == level => t.with_tangents(tangents.below.clone()),
        _ => t.clone(),
    }
}

/// Makes `tangent`, or zero, that of `this` at `level`, for all that share its base.
fn set_tangent(this: &Tensor, level: u32, tangent: Option<Tensor>) -> Result<()> {
    let (base, given) = match this.base_and_tangents() {
        Some(view) => view,
        None => (this.with_tangents(None), this.tangents().cloned()),
    };
    let whole = if this.ptr_eq(&base) {
        match tangent {
            Some(t) => t,
            None => zeros_like(&base)?,
        }
    } else {
        let old = match written_tangent(&base, level) {
            Some(old) => Some(old),
            None => at_level(given.as_ref(), level),
        };
        let whole = match old {
            Some(old) => (required::get().clone)(&old)?,
            None => zeros_like(&base)?,
        };
        // The tangents of what all samples share may be one a sample.
        let whole = match &tangent {
            Some(t) if !whole.array().covers(t.array()) => {
                (required::get().clone)(&hidden::spread_like(&whole, &[t])?)?
            }
            _ => whole,
        };
        let place = view_at(this, &base, &whole)?;
        let tangent = match tangent {
            Some(t) => t,
            None => zeros_like(this)?,
        };
        (required::get().copy_in_place)(&place, &tangent)?;
        whole
    };
    keep_written(&base, level, whole);
    Ok(())
}

fn at_level(tangents: Option<&Rc<TangentLevel>>, level: u32) -> Option<Tensor> {
    let mut tangents = tangents?;
    while tangents.level > level {
        tangents = tangents.below.as_ref()?;
    }
    (tangents.level == level).then(|| tangents.tangent.clone())
}
