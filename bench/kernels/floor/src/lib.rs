//! The least that a library with tensors, checked handles and a tape can do for an operation on 8 numbers: no shapes, no dtypes, no
//! versions, no hooks, no errors, one operation, blocks of one size. `bench/floor.ts` measures it beside the library.
//!
//! A tensor is one block, its 8 numbers inside; a node is another. Both are counted, since a tensor may be held by handles and by
//! nodes. The walk back counts what every node waits for and then runs them, as any walk through a graph that is no chain must.
//! There is room for a fixed number of each, in arrays that are there from the start.

use std::cell::UnsafeCell;
use std::ptr::null_mut;

type Eight = [f32; 8];

struct Value {
    numbers: Eight,
    holders: u32,
    node: *mut Node,
    next_free: *mut Value,
}

/// An operation `left · right`, or a leaf.
struct Node {
    /// The nodes of the inputs that have one.
    inputs: [*mut Node; 2],
    /// For each of them the other factor.
    kept: [*mut Value; 2],
    /// The gradient so far; of a leaf the final one.
    gradient: *mut Value,
    holders: u32,
    waiting: u32,
    next_free: *mut Node,
}

#[derive(Clone, Copy)]
struct Slot {
    generation: u32,
    next_free: u32,
    value: *mut Value,
}

const SLOT_BITS: u32 = 24;
const NONE: u32 = u32::MAX;

/// How many tensors, nodes and handles there may be at once.
const MOST: usize = 1024;

struct World {
    values: [Value; MOST],
    nodes: [Node; MOST],
    slots: [Slot; MOST],
    free_values: *mut Value,
    free_nodes: *mut Node,
    free_slot: u32,
    words: [i32; MOST],
    seen: [*mut Node; MOST],
    ready: [*mut Node; MOST],
}

struct Shared(UnsafeCell<World>);

// SAFETY: a WebAssembly instance has one thread.
unsafe impl Sync for Shared {}

static WORLD: Shared = Shared(UnsafeCell::new(World {
    values: [const { Value { numbers: [0.0; 8], holders: 0, node: null_mut(), next_free: null_mut() } }; MOST],
    nodes: [const {
        Node {
            inputs: [null_mut(); 2],
            kept: [null_mut(); 2],
            gradient: null_mut(),
            holders: 0,
            waiting: 0,
            next_free: null_mut(),
        }
    }; MOST],
    slots: [Slot { generation: 1, next_free: NONE, value: null_mut() }; MOST],
    free_values: null_mut(),
    free_nodes: null_mut(),
    free_slot: NONE,
    words: [0; MOST],
    seen: [null_mut(); MOST],
    ready: [null_mut(); MOST],
}));

/// Puts everything on the lists of what is free.
#[unsafe(no_mangle)]
pub extern "C" fn start() {
    let w = world();
    for i in (0..MOST).rev() {
        w.values[i].next_free = w.free_values;
        w.free_values = &raw mut w.values[i];
        w.nodes[i].next_free = w.free_nodes;
        w.free_nodes = &raw mut w.nodes[i];
        w.slots[i].next_free = w.free_slot;
        w.free_slot = i as u32;
    }
}

fn world() -> &'static mut World {
    // SAFETY: exports call no other export, so this is the only reference while one runs.
    unsafe { &mut *WORLD.0.get() }
}

// SAFETY (all below): pointers are null or into the arrays, whose members are handed out once at a time; null is asked for where it can occur.
impl World {
    #[inline(always)]
    fn value(&mut self) -> *mut Value {
        let block = self.free_values;
        if block.is_null() {
            panic!("more tensors than there is room for");
        }
        unsafe {
            self.free_values = (*block).next_free;
            (*block).holders = 1;
            (*block).node = null_mut();
        }
        block
    }

    #[inline(always)]
    fn node(&mut self) -> *mut Node {
        let block = self.free_nodes;
        if block.is_null() {
            panic!("more nodes than there is room for");
        }
        unsafe {
            self.free_nodes = (*block).next_free;
            (*block).gradient = null_mut();
            (*block).holders = 1;
            (*block).waiting = 0;
        }
        block
    }

    #[inline(always)]
    fn drop_value(&mut self, value: *mut Value) {
        if value.is_null() {
            return;
        }
        unsafe {
            (*value).holders -= 1;
            if (*value).holders == 0 {
                let node = (*value).node;
                (*value).next_free = self.free_values;
                self.free_values = value;
                if !node.is_null() {
                    self.drop_node(node);
                }
            }
        }
    }

    /// A chain of nodes is dropped in a loop, not by recursion. (The second input of a node is a leaf or nothing here.)
    fn drop_node(&mut self, mut node: *mut Node) {
        while !node.is_null() {
            unsafe {
                (*node).holders -= 1;
                if (*node).holders != 0 {
                    return;
                }
                let [left, right] = (*node).kept;
                let [next, other] = (*node).inputs;
                self.drop_value((*node).gradient);
                (*node).next_free = self.free_nodes;
                self.free_nodes = node;
                self.drop_value(left);
                self.drop_value(right);
                if !other.is_null() {
                    (*other).holders -= 1;
                }
                node = next;
            }
        }
    }

    #[inline(always)]
    fn handle(&mut self, value: *mut Value) -> i32 {
        let index = self.free_slot;
        let slot = &mut self.slots[index as usize];
        self.free_slot = slot.next_free;
        slot.value = value;
        (slot.generation << SLOT_BITS | index) as i32
    }

    #[inline(always)]
    fn get(&self, handle: i32) -> *mut Value {
        match self.slots.get(handle as usize & ((1 << SLOT_BITS) - 1)) {
            Some(slot) if slot.generation == handle as u32 >> SLOT_BITS => slot.value,
            _ => null_mut(),
        }
    }

    #[inline(always)]
    fn take(&mut self, handle: i32) -> *mut Value {
        let value = self.get(handle);
        if !value.is_null() {
            let index = handle as u32 & ((1 << SLOT_BITS) - 1);
            let slot = &mut self.slots[index as usize];
            slot.generation = slot.generation % 63 + 1;
            slot.next_free = self.free_slot;
            slot.value = null_mut();
            self.free_slot = index;
        }
        value
    }
}

#[inline(always)]
fn product(a: &Eight, b: &Eight, out: &mut Eight) {
    for i in 0..8 {
        out[i] = a[i] * b[i];
    }
}

/// Does nothing: what a call into WebAssembly costs.
#[unsafe(no_mangle)]
pub extern "C" fn nothing(_op: i32, a: i32, _b: i32) -> i32 {
    a
}

/// Where handles to be given back are written.
#[unsafe(no_mangle)]
pub extern "C" fn words() -> *const i32 {
    world().words.as_ptr()
}

/// A tensor; a leaf where `tracked`.
#[unsafe(no_mangle)]
pub extern "C" fn make(first: f32, tracked: i32) -> i32 {
    let w = world();
    let value = w.value();
    unsafe {
        (*value).numbers = [first; 8];
        if tracked != 0 {
            let node = w.node();
            (*node).inputs = [null_mut(); 2];
            (*node).kept = [null_mut(); 2];
            (*value).node = node;
        }
    }
    w.handle(value)
}

/// A second tensor with the numbers of the first copied: a handle and its memory, and no operation.
#[unsafe(no_mangle)]
pub extern "C" fn copy(_op: i32, a: i32, _b: i32) -> i32 {
    let w = world();
    let x = w.get(a);
    if x.is_null() {
        return -1;
    }
    let out = w.value();
    unsafe { (*out).numbers = (*x).numbers };
    w.handle(out)
}

/// The product, and its node where an input has one.
#[unsafe(no_mangle)]
pub extern "C" fn mul(_op: i32, a: i32, b: i32) -> i32 {
    let w = world();
    let (x, y) = (w.get(a), w.get(b));
    if x.is_null() || y.is_null() {
        return -1;
    }
    let out = w.value();
    unsafe {
        product(&(*x).numbers, &(*y).numbers, &mut (*out).numbers);
        let inputs = [(*x).node, (*y).node];
        if !inputs[0].is_null() || !inputs[1].is_null() {
            let node = w.node();
            (*node).inputs = inputs;
            for (i, other) in [(0, y), (1, x)] {
                (*node).kept[i] = null_mut();
                if !inputs[i].is_null() {
                    (*inputs[i]).holders += 1;
                    (*other).holders += 1;
                    (*node).kept[i] = other;
                }
            }
            (*out).node = node;
        }
    }
    w.handle(out)
}

/// Walks back from `root` with the gradient `g`; leaves keep theirs.
#[unsafe(no_mangle)]
pub extern "C" fn backward(root: i32, g: i32) -> i32 {
    let w = world();
    let (root, g) = (w.get(root), w.get(g));
    if root.is_null() || g.is_null() {
        return -1;
    }
    unsafe {
        let first = (*root).node;
        let seed = w.value();
        (*seed).numbers = (*g).numbers;
        (*first).gradient = seed;
        let (mut seen, mut ready) = (1, 1);
        w.seen[0] = first;
        while seen > 0 {
            seen -= 1;
            let node = w.seen[seen];
            for input in (*node).inputs {
                if !input.is_null() {
                    (*input).waiting += 1;
                    if (*input).waiting == 1 {
                        w.seen[seen] = input;
                        seen += 1;
                    }
                }
            }
        }
        w.ready[0] = first;
        while ready > 0 {
            ready -= 1;
            let node = w.ready[ready];
            let is_leaf = (*node).inputs[0].is_null() && (*node).inputs[1].is_null();
            if is_leaf {
                continue;
            }
            let gradient = (*node).gradient;
            (*node).gradient = null_mut();
            let last = if (*node).inputs[1].is_null() { 0 } else { 1 };
            for i in 0..=last {
                let input = (*node).inputs[i];
                if input.is_null() {
                    continue;
                }
                // Nobody else has the gradient, so the last product takes its place.
                let out = if i == last { gradient } else { w.value() };
                let numbers = (*gradient).numbers;
                product(&numbers, &(*(*node).kept[i]).numbers, &mut (*out).numbers);
                if (*input).gradient.is_null() {
                    (*input).gradient = out;
                } else {
                    for (sum, x) in (*(*input).gradient).numbers.iter_mut().zip((*out).numbers) {
                        *sum += x;
                    }
                    w.drop_value(out);
                }
                (*input).waiting -= 1;
                if (*input).waiting == 0 {
                    w.ready[ready] = input;
                    ready += 1;
                }
            }
            // What was kept is freed as the walk leaves the node.
            for kept in &mut (*node).kept {
                let kept = std::mem::replace(kept, null_mut());
                w.drop_value(kept);
            }
        }
    }
    0
}

/// The first number of the gradient of a leaf, which is forgotten.
#[unsafe(no_mangle)]
pub extern "C" fn take_gradient(a: i32) -> f32 {
    let w = world();
    let x = w.get(a);
    unsafe {
        let gradient = std::mem::replace(&mut (*(*x).node).gradient, null_mut());
        let first = if gradient.is_null() { f32::NAN } else { (*gradient).numbers[0] };
        w.drop_value(gradient);
        first
    }
}

/// Gives back the first `n` of the words.
#[unsafe(no_mangle)]
pub extern "C" fn release_many(n: usize) {
    let w = world();
    for i in 0..n.min(MOST) {
        let value = w.take(w.words[i]);
        w.drop_value(value);
    }
}
