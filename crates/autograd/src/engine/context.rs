//! What code of the user's may ask about the walk it runs in.
//!
//! Walks nest: a hook or a checkpoint may start one. The innermost is the current one.

use crate::graph::node::{Edge, Node};
use crate::graph::tensor::Retainer;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// A group of tensors whose gradients are awaited together.
struct Group {
    id: u32,
    places: Vec<Place>,
}

/// A member of a group. The group does not keep it: a hook that refers to its own tensor must not outlive it.
enum Place {
    Node(Weak<Node>),
    /// A leaf, whose accumulator may come and go.
    Leaf(Retainer),
}

impl Place {
    fn of(edge: &Edge) -> Self {
        match edge.node.variable() {
            Some(leaf) => Place::Leaf(leaf.retainer()),
            None => Place::Node(Rc::downgrade(&edge.node)),
        }
    }

    /// The node that is there now.
    fn node(&self) -> Option<Rc<Node>> {
        match self {
            Place::Node(node) => node.upgrade(),
            Place::Leaf(leaf) => leaf.tensor().and_then(|t| t.present_accumulator()),
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Place::Node(node) => node.strong_count() == 0,
            Place::Leaf(leaf) => leaf.is_gone(),
        }
    }
}

/// A walk that has begun.
struct Walk {
    /// Whether it accumulates into every leaf it reaches, as `backward()` without `inputs` does.
    unrestricted: bool,
    /// For each group, which of its members the walk passes.
    passes: Vec<(u32, Vec<bool>)>,
}

thread_local! {
    static GROUPS: RefCell<Vec<Group>> = const { RefCell::new(Vec::new()) };
    static WALKS: RefCell<Vec<Walk>> = const { RefCell::new(Vec::new()) };
    static LAST_GROUP: Cell<u32> = const { Cell::new(0) };
}

/// Whether nothing here is borrowed.
pub(crate) fn is_free() -> bool {
    GROUPS.with(|cell| cell.try_borrow_mut().is_ok()) && WALKS.with(|cell| cell.try_borrow_mut().is_ok())
}

/// Forgets the walks under way: the call that ran them was abandoned.
pub(crate) fn abandon() {
    let gone = WALKS.take();
    drop(gone);
}

/// Watches these places in the graph together; ends with [`forget_group`], or when all of them are gone.
pub fn watch_group(edges: Vec<Edge>) -> u32 {
    let id = LAST_GROUP.get() + 1;
    LAST_GROUP.set(id);
    let places = edges.iter().map(Place::of).collect();
    GROUPS.with_borrow_mut(|groups| {
        groups.retain(|group| !group.places.iter().all(Place::is_gone));
        groups.push(Group { id, places });
    });
    drop(edges);
    id
}

/// Ends [`watch_group`].
pub fn forget_group(id: u32) {
    let gone = GROUPS.with_borrow_mut(|groups| {
        let at = groups.iter().position(|g| g.id == id);
        at.map(|at| groups.remove(at))
    });
    drop(gone);
}

/// Whether some tensors are watched together.
#[inline]
pub(crate) fn has_groups() -> bool {
    GROUPS.with_borrow(|groups| !groups.is_empty())
}

/// How many walks are under way, one inside the other.
pub fn depth() -> usize {
    WALKS.with_borrow(Vec::len)
}

/// Whether the current walk accumulates into every leaf it reaches.
pub fn is_unrestricted() -> bool {
    WALKS.with_borrow(|walks| walks.last().is_none_or(|w| w.unrestricted))
}

/// Which members of a group the current walk passes.
pub fn passes(group: u32) -> Vec<bool> {
    WALKS.with_borrow(|walks| {
        let found = walks.last().and_then(|w| w.passes.iter().find(|(id, _)| *id == group));
        found.map_or_else(Vec::new, |(_, passes)| passes.clone())
    })
}

/// Marks a walk as under way until dropped.
pub(crate) struct Running;

impl Running {
    /// `will_run` says of a node whether the walk runs it.
    pub fn begin(unrestricted: bool, will_run: impl Fn(&Rc<Node>) -> bool) -> Self {
        let passes = GROUPS.with_borrow(|groups| {
            let passes = |place: &Place| place.node().is_some_and(|node| will_run(&node));
            groups.iter().map(|group| (group.id, group.places.iter().map(passes).collect())).collect()
        });
        WALKS.with_borrow_mut(|walks| walks.push(Walk { unrestricted, passes }));
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let gone = WALKS.with_borrow_mut(Vec::pop);
        drop(gone);
    }
}
