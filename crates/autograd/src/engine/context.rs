//! What hooks may ask about the backward pass they run in.
//!
//! Passes nest: a hook or a checkpoint may start one. The innermost is the current one.

use crate::graph::node::{Edge, Node};
use crate::graph::tensor::Retainer;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// A group of tensors whose gradients are awaited together.
struct Group {
    id: u32,
    members: Vec<Member>,
}

/// A member of a group. The group does not keep it: a hook that refers to its own tensor must not
/// outlive it.
enum Member {
    Node(Weak<Node>),
    /// A leaf, whose accumulator may come and go.
    Leaf(Retainer),
}

impl Member {
    fn of(edge: &Edge) -> Self {
        match edge.node.variable() {
            Some(leaf) => Member::Leaf(leaf.retainer()),
            None => Member::Node(Rc::downgrade(&edge.node)),
        }
    }

    /// The node that is there now.
    fn node(&self) -> Option<Rc<Node>> {
        match self {
            Member::Node(node) => node.upgrade(),
            Member::Leaf(leaf) => leaf.tensor().and_then(|t| t.present_accumulator()),
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Member::Node(node) => node.strong_count() == 0,
            Member::Leaf(leaf) => leaf.is_gone(),
        }
    }
}

/// A backward pass under way.
struct Pass {
    /// Whether it accumulates into every leaf it reaches, as `backward()` without `inputs` does.
    unrestricted: bool,
    /// For each group, which of its members the pass comes to.
    passes: Vec<(u32, Vec<bool>)>,
}

thread_local! {
    static GROUPS: RefCell<Vec<Group>> = const { RefCell::new(Vec::new()) };
    static RUNNING: RefCell<Vec<Pass>> = const { RefCell::new(Vec::new()) };
    static LAST_GROUP: Cell<u32> = const { Cell::new(0) };
}

/// Whether nothing here is borrowed.
pub(crate) fn is_free() -> bool {
    GROUPS.with(|cell| cell.try_borrow_mut().is_ok()) && RUNNING.with(|cell| cell.try_borrow_mut().is_ok())
}

/// Forgets the passes under way: the call that ran them was abandoned.
pub(crate) fn abandon() {
    let gone = RUNNING.take();
    drop(gone);
}

/// Watches the gradients of these edges together; ends with [`forget_group`], or when all of them
/// are gone.
pub fn watch_group(edges: Vec<Edge>) -> u32 {
    let id = LAST_GROUP.get() + 1;
    LAST_GROUP.set(id);
    let members = edges.iter().map(Member::of).collect();
    GROUPS.with_borrow_mut(|groups| {
        groups.retain(|group| !group.members.iter().all(Member::is_gone));
        groups.push(Group { id, members });
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

/// How many passes are under way, one inside the other.
pub fn depth() -> usize {
    RUNNING.with_borrow(Vec::len)
}

/// Whether the current pass accumulates into every leaf it reaches.
pub fn is_unrestricted() -> bool {
    RUNNING.with_borrow(|running| running.last().is_none_or(|w| w.unrestricted))
}

/// Which members of a group the current pass comes to.
pub fn passes(group: u32) -> Vec<bool> {
    RUNNING.with_borrow(|running| {
        let found = running.last().and_then(|w| w.passes.iter().find(|(id, _)| *id == group));
        found.map_or_else(Vec::new, |(_, passes)| passes.clone())
    })
}

/// Marks a pass as under way until dropped.
pub(crate) struct Running;

impl Running {
    /// `will_run` says of a node whether the pass runs it.
    pub fn begin(unrestricted: bool, will_run: impl Fn(&Rc<Node>) -> bool) -> Self {
        let passes = GROUPS.with_borrow(|groups| {
            let passes = |member: &Member| member.node().is_some_and(|node| will_run(&node));
            groups.iter().map(|group| (group.id, group.members.iter().map(passes).collect())).collect()
        });
        RUNNING.with_borrow_mut(|running| running.push(Pass { unrestricted, passes }));
        Running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let gone = RUNNING.with_borrow_mut(Vec::pop);
        drop(gone);
    }
}
