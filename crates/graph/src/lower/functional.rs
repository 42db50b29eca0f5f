//! Writes as new values.
//!
//! Tensors that share memory are a group: its root, the whole, and views of that, each by the calls
//! that made it. A write to a view puts the new elements in their places of the root, and the other
//! views are made again where they are read next.

use super::{Lowered, LoweredCall, LoweredConstant, Origin};
use crate::program::{Inputs, ValueId};
use adjoint_autograd::infer::{self, Given, Known};
use adjoint_autograd::{Attrs, Body, OpDef, Tensor, update};
use adjoint_ops::OpId;
use adjoint_ops::elementwise::{add, to};
use adjoint_ops::index::index_copy;
use adjoint_ops::view::{expand, reshape};
use adjoint_tensor::{Array, Error, Layout, Meta, Result};
use smallvec::{SmallVec, smallvec};
use std::collections::HashSet;
use std::rc::Rc;

/// A tensor: what it holds now depends on what was written.
pub(super) type SlotId = usize;

/// A call of a view, and which of its outputs is meant.
#[derive(Clone)]
struct View {
    op: OpId,
    attrs: Attrs,
    outputs: Rc<[Meta]>,
    output: usize,
}

struct Slot {
    group: usize,
    /// From the root to this.
    views: Rc<[View]>,
    /// The value it had at this version of its group.
    value: ValueId,
    version: u32,
}

struct Group {
    root: ValueId,
    version: u32,
    /// Whether other groups have elements in the same memory.
    is_shared: bool,
}

/// A record in the making.
#[derive(Default)]
pub(super) struct Functional {
    pub lowered: Lowered,
    slots: Vec<Slot>,
    groups: Vec<Group>,
    /// The constants that promote as numbers do.
    numbers: HashSet<ValueId>,
}

impl Functional {
    /// A new value.
    pub fn value(&mut self, meta: Meta) -> ValueId {
        self.lowered.values.push(meta);
        (self.lowered.values.len() - 1) as ValueId
    }

    fn meta(&self, value: ValueId) -> &Meta {
        &self.lowered.values[value as usize]
    }

    /// A tensor of memory of its own that holds `value`.
    pub fn define(&mut self, value: ValueId) -> SlotId {
        self.groups.push(Group { root: value, version: 0, is_shared: false });
        self.slots.push(Slot { group: self.groups.len() - 1, views: Rc::new([]), value, version: 0 });
        self.slots.len() - 1
    }

    /// A tensor that is there before a step, and its value.
    pub fn constant(&mut self, tensor: &Tensor, origin: Origin) -> Result<(SlotId, ValueId)> {
        let value = self.value(Meta::contiguous(tensor.shape(), tensor.dtype())?);
        if tensor.is_wrapped_number() {
            self.numbers.insert(value);
        }
        self.lowered.constants.push(LoweredConstant { value, tensor: tensor.clone(), origin });
        Ok((self.define(value), value))
    }

    /// Makes writes to the memory of `slot` an error.
    pub fn forbid_writes(&mut self, slot: SlotId) {
        self.groups[self.slots[slot].group].is_shared = true;
    }

    /// What the whole memory of `slot` holds now.
    pub fn root(&self, slot: SlotId) -> ValueId {
        self.groups[self.slots[slot].group].root
    }

    /// What `slot` holds now.
    pub fn read(&mut self, slot: SlotId) -> Result<ValueId> {
        let Slot { group, ref views, value, version } = self.slots[slot];
        let Group { root, version: now, .. } = self.groups[group];
        if version == now {
            return Ok(value);
        }
        let mut value = root;
        for View { op, attrs, outputs, output } in views.clone().iter() {
            let made = self.call(*op, smallvec![Some(value)], attrs.clone(), outputs.iter().cloned());
            value = made[*output];
        }
        self.slots[slot].value = value;
        self.slots[slot].version = now;
        Ok(value)
    }

    /// Makes `slot` hold another value.
    pub fn write(&mut self, slot: SlotId, value: ValueId) -> Result<()> {
        let (group, views) = (self.slots[slot].group, self.slots[slot].views.clone());
        if self.groups[group].is_shared {
            return Err(Error::usage(
                "it writes memory that two tensors from outside of the function share, which a record in functional form \
                 cannot say; clone() one of them",
            ));
        }
        let root = if views.is_empty() { value } else { self.put(self.groups[group].root, &views, value)? };
        let group = &mut self.groups[group];
        group.root = root;
        group.version += 1;
        let slot = &mut self.slots[slot];
        slot.value = value;
        slot.version = group.version;
        Ok(())
    }

    /// The value of `root` with `part` in the places of a view of it.
    fn put(&mut self, root: ValueId, views: &[View], part: ValueId) -> Result<ValueId> {
        let whole = self.meta(root).clone();
        let mut view = whole.clone();
        for View { op, attrs, output, .. } in views {
            let layout = match op.def().body {
                Body::View(layout) => layout(&view, attrs)?,
                Body::Views(layouts) => layouts(&view, attrs)?.swap_remove(*output),
                _ => return Err(Error::usage("it writes through a view that a record does not hold")),
            };
            view = Meta::of(layout, whole.dtype());
        }
        let places = places_of(view.layout());
        if (0..).zip(&places).all(|(i, place)| i == *place) && places.len() == whole.numel() {
            return self.reshaped(part, whole.shape());
        }
        let flat = self.reshaped(root, &[whole.numel()])?;
        let part = self.reshaped(part, &[places.len()])?;
        let index = Tensor::from_array(Array::from_slice(&places, &[places.len()])?);
        let (_, index) = self.constant(&index, Origin::Made)?;
        let meta = self.meta(flat).clone();
        let inputs = smallvec![Some(flat), Some(index), Some(part)];
        let filled = self.call(id(&index_copy::DEF)?, inputs, Attrs::new().int(0), [meta])[0];
        self.reshaped(filled, whole.shape())
    }

    fn reshaped(&mut self, value: ValueId, shape: &[usize]) -> Result<ValueId> {
        if self.meta(value).shape() == shape {
            return Ok(value);
        }
        let meta = Meta::contiguous(shape, self.meta(value).dtype())?;
        Ok(self.call(id(&reshape::DEF)?, smallvec![Some(value)], Attrs::new().shape(shape), [meta])[0])
    }

    /// `value` with this shape, to which it broadcasts, and dtype.
    fn made_fit(&mut self, value: ValueId, to: &Meta) -> Result<ValueId> {
        let mut value = value;
        if self.meta(value).dtype() != to.dtype() {
            let meta = Meta::contiguous(self.meta(value).shape(), to.dtype())?;
            value = self.call(id(to::DEFS[0])?, smallvec![Some(value)], Attrs::new().dtype(to.dtype()), [meta])[0];
        }
        if self.meta(value).shape() != to.shape() {
            let attrs = Attrs::new().shape(to.shape());
            value = self.call(id(expand::DEFS[0])?, smallvec![Some(value)], attrs, [to.clone()])[0];
        }
        Ok(value)
    }

    /// What `slot` holds, and `value` added.
    pub fn add(&mut self, slot: SlotId, value: ValueId) -> Result<ValueId> {
        let before = self.read(slot)?;
        let meta = self.meta(before).clone();
        Ok(self.call(id(&add::DEF)?, smallvec![Some(before), Some(value)], Attrs::new(), [meta])[0])
    }

    fn call(
        &mut self,
        op: OpId,
        inputs: Inputs,
        attrs: Attrs,
        outputs: impl IntoIterator<Item = Meta>,
    ) -> SmallVec<[ValueId; 1]> {
        let made: SmallVec<[ValueId; 1]> = outputs.into_iter().map(|meta| self.value(meta)).collect();
        let outputs = made.iter().copied().map(Some).collect();
        self.lowered.calls.push(LoweredCall { op, inputs, attrs, outputs });
        made
    }

    /// A call of an op. The slots of its outputs, of which there are none where it writes.
    pub fn record(
        &mut self,
        op: OpId,
        inputs: &[Option<SlotId>],
        attrs: &Attrs,
        in_place: bool,
        outputs: &[Option<Meta>],
    ) -> Result<SmallVec<[Option<SlotId>; 1]>> {
        let def = op.def();
        let read: Inputs =
            inputs.iter().map(|slot| slot.map(|slot| self.read(slot)).transpose()).collect::<Result<_>>()?;
        if matches!(def.body, Body::Update { .. }) {
            let written: SmallVec<[SlotId; 4]> = update::written(def, inputs, attrs)?.into_iter().flatten().collect();
            let before = written.iter().map(|slot| self.read(*slot)).collect::<Result<SmallVec<[ValueId; 4]>>>()?;
            let metas: SmallVec<[Meta; 4]> = before.into_iter().map(|value| self.meta(value).clone()).collect();
            let made = self.call(op, read, attrs.clone(), metas);
            written.into_iter().zip(made).try_for_each(|(slot, value)| self.write(slot, value))?;
            return Ok(SmallVec::new());
        }
        if in_place {
            let [Some(this), ..] = *inputs else { return Err(Error::usage("expected a tensor as first argument")) };
            let meta = self.meta(self.slots[this].value).clone();
            let made = self.results(def, &read, attrs, &meta)?;
            let made = self.call(op, read, attrs.clone(), made)[0];
            let made = self.made_fit(made, &meta)?;
            self.write(this, made)?;
            return Ok(SmallVec::new());
        }
        let made: SmallVec<[Option<ValueId>; 1]> =
            outputs.iter().map(|meta| meta.as_ref().map(|meta| self.value(meta.clone()))).collect();
        self.lowered.calls.push(LoweredCall { op, inputs: read, attrs: attrs.clone(), outputs: made.clone() });
        if !matches!(def.body, Body::View(_) | Body::Views(_)) {
            return Ok(made.into_iter().map(|value| value.map(|value| self.define(value))).collect());
        }
        let Some(Some(base)) = inputs.first().copied() else { return Err(Error::usage("expected a tensor to view")) };
        let metas: Rc<[Meta]> = outputs.iter().flatten().cloned().collect();
        let view = |(output, value): (usize, Option<ValueId>)| {
            let Slot { group, ref views, version, .. } = self.slots[base];
            let view = View { op, attrs: attrs.clone(), outputs: metas.clone(), output };
            let views = views.iter().cloned().chain([view]).collect();
            self.slots.push(Slot { group, views, value: value?, version });
            Some(self.slots.len() - 1)
        };
        Ok(made.into_iter().enumerate().map(view).collect())
    }

    /// Shapes and dtypes of what the form of a call without a write gives.
    fn results(&self, op: &'static OpDef, inputs: &Inputs, attrs: &Attrs, this: &Meta) -> Result<SmallVec<[Meta; 1]>> {
        let given = |value: &Option<ValueId>| {
            value.map(|value| Given { meta: self.meta(value), is_number: self.numbers.contains(&value) })
        };
        let given: SmallVec<[Option<Given>; 4]> = inputs.iter().map(given).collect();
        match infer::outputs(op, &given, attrs)? {
            Known::Outputs(metas) => metas.iter().map(|meta| Meta::contiguous(meta.shape(), meta.dtype())).collect(),
            Known::ByValues | Known::ByOps => Ok(smallvec![this.clone()]),
        }
    }
}

fn id(op: &'static OpDef) -> Result<OpId> {
    OpId::of(op).ok_or_else(|| Error::usage("an op that is not in the table was called"))
}

/// The places of a layout's elements in memory, in order.
fn places_of(layout: &Layout) -> Vec<i64> {
    let mut places = vec![layout.offset as i64];
    for (&n, &stride) in layout.shape.iter().zip(&layout.strides) {
        let along = |place: i64| (0..n as i64).map(move |i| place + i * stride as i64);
        places = places.into_iter().flat_map(along).collect();
    }
    places
}
