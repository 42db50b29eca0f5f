//! What calls look up by op id: the overloads, and for calls with nothing but tensors the overload they mean.

use crate::call::FAST_INPUTS;
use crate::decode::default_attr;
use adjoint_autograd::{Attrs, Default as ArgDefault, FastPath, Kind, OpDef};
use adjoint_ops::naming;
use adjoint_ops::registry;
use std::cell::{Cell, OnceCell};

/// An overload that takes the given number of tensors and defaults for the rest.
pub struct Overload {
    /// The overload.
    pub op: &'static OpDef,
    /// How many inputs are left out behind the given ones.
    pub absent: usize,
    /// The defaults.
    pub attrs: Attrs,
}

/// The fast paths of one op id with one, two and three tensors and with a tensor and a number, where it
/// has them and was called before: its inline cache.
#[derive(Clone, Copy, Default)]
pub struct FastPaths {
    /// With one tensor.
    pub one: Option<&'static FastPath<1>>,
    /// With two.
    pub two: Option<&'static FastPath<2>>,
    /// With three.
    pub three: Option<&'static FastPath<3>>,
    /// With a tensor and a number.
    pub with_number: Option<&'static FastPath<2>>,
}

impl FastPaths {
    fn of(entry: &Entry) -> FastPaths {
        let [one, two, three] = &entry.tensors;
        FastPaths {
            one: fast_path(one),
            two: fast_path(two),
            three: fast_path(three),
            with_number: fast_path(&entry.with_number),
        }
    }
}

/// The fast path of an overload that takes just the given inputs. It is made at the op's first call, and
/// kept for good.
fn fast_path<const N: usize>(overload: &Option<Overload>) -> Option<&'static FastPath<N>> {
    let overload = overload.as_ref().filter(|overload| overload.absent == 0)?;
    FastPath::of(overload.op, &overload.attrs).map(|path| &*Box::leak(Box::new(path)))
}

/// One op id, in one of its forms: the one that gives a new tensor, or the one in place.
///
/// A call sees only the overloads that have its form: what `normal(mean, std, size)` takes means something else in
/// `x.normal_(mean, std)`.
pub struct Entry {
    /// The overloads, in the order of the table.
    pub overloads: Vec<&'static OpDef>,
    /// The overload for 1, 2 and 3 tensors.
    pub tensors: [Option<Overload>; 3],
    /// The overload for a tensor and a number, where the number stands for a tensor.
    pub with_number: Option<Overload>,
}

/// The table, by op id.
pub struct DispatchTable {
    /// Entries by op id, each made at the op's first call: a program calls few of the ops.
    entries: Vec<[OnceCell<Entry>; 2]>,
    /// What stands in the entry for most calls, by op id: nothing before its first call.
    fast_paths: Vec<Cell<FastPaths>>,
    /// Names of parameters; calls by name carry indexes into it.
    names: OnceCell<Vec<String>>,
}

/// The fingerprint the bindings must have been made from.
pub const HASH: u32 = naming::table_hash(registry::FILES);

thread_local! {
    static TABLE: OnceCell<&'static DispatchTable> = const { OnceCell::new() };
}

/// The table, made at the first call and kept for the life of the instance.
#[inline]
pub fn table() -> &'static DispatchTable {
    TABLE.with(|cell| *cell.get_or_init(|| Box::leak(Box::new(empty()))))
}

/// The fast paths of op `id`; none where it was not called yet, or is not an op.
#[inline(always)]
pub fn fast_paths(id: i32) -> FastPaths {
    table().fast_paths.get(id as usize).map_or(FastPaths::default(), Cell::get)
}

/// The entry of op `id`, in place or not.
#[inline]
pub fn entry(id: usize, in_place: bool) -> Option<&'static Entry> {
    let table = table();
    table.entries.get(id).map(|forms| {
        forms[usize::from(in_place)].get_or_init(|| {
            crate::lasting(|| {
                let entry = made(id, in_place);
                // The fast paths are of the form that gives a new tensor.
                if !in_place {
                    table.fast_paths[id].set(FastPaths::of(&entry));
                }
                entry
            })
        })
    })
}

/// The names of parameters, by the index that calls carry.
pub fn names() -> &'static [String] {
    let table = table();
    table.names.get_or_init(|| crate::lasting(|| naming::parameter_names(&registry::ops().collect::<Vec<_>>())))
}

fn empty() -> DispatchTable {
    let entries = (0..registry::COUNT).map(|_| Default::default()).collect();
    DispatchTable { entries, fast_paths: vec![Cell::default(); registry::COUNT], names: OnceCell::new() }
}

#[cold]
fn made(id: usize, in_place: bool) -> Entry {
    let has_form = if in_place { naming::has_in_place_form } else { naming::has_value_form };
    let (first, ops) = registry::file_of(id).unwrap_or_default();
    let overloads: Vec<&OpDef> =
        ops[naming::overloads(ops, id - first)].iter().copied().filter(|op| has_form(op)).collect();
    let pick = |n: usize, number: bool| overloads.iter().find_map(|op| overload(op, n, number));
    let tensors = [pick(1, false), pick(2, false), pick(3, false)];
    let with_number = pick(2, true);
    Entry { overloads, tensors, with_number }
}

/// The overload that is `op` called with `n` tensors first, if it can be; `number` asks for the last of
/// them as a number.
fn overload(op: &'static OpDef, n: usize, number: bool) -> Option<Overload> {
    if op.args.len() < n {
        return None;
    }
    let (given, rest) = op.args.split_at(n);
    let takes_tensors = given.iter().enumerate().all(|(i, arg)| match arg.kind {
        Kind::TensorOrNumber => true,
        Kind::Tensor | Kind::TensorOrWide => !(number && i + 1 == n),
        _ => false,
    });
    let optional = rest.iter().all(|arg| match arg.kind {
        // Numbers as defaults of inputs are rare enough to go through `decode`.
        Kind::Tensor | Kind::TensorOrNumber | Kind::TensorOrWide => arg.default == ArgDefault::None,
        Kind::Tensors | Kind::TensorsSpread | Kind::OptionalTensors => false,
        _ => arg.default != ArgDefault::Required,
    });
    let absent = rest.iter().filter(|arg| arg.kind.is_tensor()).count();
    if !takes_tensors || !optional || n + absent > FAST_INPUTS {
        return None;
    }
    let mut attrs = Attrs::new();
    for arg in rest.iter().filter(|arg| !arg.kind.is_tensor()) {
        attrs.0.push(default_attr(arg));
    }
    Some(Overload { op, absent, attrs })
}

#[cfg(test)]
mod ambiguity;
