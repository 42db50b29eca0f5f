//! The order in which PyTorch's `topk` leaves equal elements: that of the selection and the sort it
//! calls, of the C++ standard library of GCC.
//!
//! Neither is stable, so of equal elements which are chosen, and in what order, follows from the
//! steps taken. Source: PyTorch, `topk_impl_loop` in `aten/src/ATen/native/TopKImpl.h`; for the
//! steps, Musser, "Introspective sorting and selection algorithms", 1997, and how libstdc++ chooses
//! pivots and limits.

use super::sort::Entry;

/// Of this many elements for each that is asked for, a heap is quicker than a selection.
const HEAP_FROM: usize = 64;
/// Elements up to which a part is left to the insertion sort at the end.
const SHORT: usize = 16;

/// Brings the first `k` of the order to the front, in order.
pub(super) fn first(entries: &mut [Entry], k: usize) {
    if k == 0 {
        return;
    }
    if k * HEAP_FROM <= entries.len() {
        heap_select(entries, k);
        sort_heap(&mut entries[..k]);
    } else {
        select(entries, k - 1);
        sort(&mut entries[..k - 1]);
    }
}

/// By keys alone: positions do not count.
#[inline(always)]
fn less(a: Entry, b: Entry) -> bool {
    a.0 < b.0
}

/// Partitions before a heap takes over: twice the logarithm.
fn limit(n: usize) -> u32 {
    2 * n.checked_ilog2().unwrap_or(0)
}

/// Brings the element with `nth` before it to its place, and those to its front.
fn select(entries: &mut [Entry], nth: usize) {
    let (mut from, mut to, mut left) = (0, entries.len(), limit(entries.len()));
    while to - from > 3 {
        if left == 0 {
            heap_select(&mut entries[from..to], nth + 1 - from);
            entries.swap(from, nth);
            return;
        }
        left -= 1;
        let cut = from + partition(&mut entries[from..to]);
        if cut <= nth { from = cut } else { to = cut }
    }
    insertion_sort(&mut entries[from..to]);
}

fn sort(entries: &mut [Entry]) {
    sort_parts(entries, limit(entries.len()));
    insertion_sort(entries);
}

/// Sorts all but parts of [`SHORT`] elements.
fn sort_parts(mut entries: &mut [Entry], mut left: u32) {
    while entries.len() > SHORT {
        if left == 0 {
            let n = entries.len();
            heap_select(entries, n);
            sort_heap(entries);
            return;
        }
        left -= 1;
        let cut = partition(entries);
        let (front, back) = entries.split_at_mut(cut);
        sort_parts(back, left);
        entries = front;
    }
}

/// Partitions around the median of the second, the middle and the last element; returns where the
/// second part begins.
fn partition(entries: &mut [Entry]) -> usize {
    let (a, b, c) = (1, entries.len() / 2, entries.len() - 1);
    let before = |i: usize, j: usize| less(entries[i], entries[j]);
    let median = match (before(a, b), before(b, c), before(a, c)) {
        (true, true, _) => b,
        (true, false, true) | (false, true, false) => c,
        (true, false, false) | (false, _, true) => a,
        (false, false, false) => b,
    };
    entries.swap(0, median);
    let pivot = entries[0];
    let (mut low, mut high) = (1, entries.len());
    loop {
        while less(entries[low], pivot) {
            low += 1;
        }
        high -= 1;
        while less(pivot, entries[high]) {
            high -= 1;
        }
        if low >= high {
            return low;
        }
        entries.swap(low, high);
        low += 1;
    }
}

fn insertion_sort(entries: &mut [Entry]) {
    for i in 1..entries.len() {
        let mut at = i;
        while at > 0 && less(entries[at], entries[at - 1]) {
            entries.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Makes a heap of the first `k`, the last of them in the order on top, and exchanges that for every
/// later element that comes before it.
fn heap_select(entries: &mut [Entry], k: usize) {
    for parent in (0..k / 2).rev() {
        let value = entries[parent];
        sift(&mut entries[..k], parent, value);
    }
    for i in k..entries.len() {
        if less(entries[i], entries[0]) {
            let value = entries[i];
            entries[i] = entries[0];
            sift(&mut entries[..k], 0, value);
        }
    }
}

/// Takes the top of the heap to its end, again and again.
fn sort_heap(entries: &mut [Entry]) {
    for last in (1..entries.len()).rev() {
        let value = entries[last];
        entries[last] = entries[0];
        sift(&mut entries[..last], 0, value);
    }
}

/// Puts `value` into the heap below `top`: down to a leaf along the greater children, and up again.
fn sift(heap: &mut [Entry], top: usize, value: Entry) {
    let mut hole = top;
    loop {
        let right = 2 * hole + 2;
        let child = match right.cmp(&heap.len()) {
            std::cmp::Ordering::Less if less(heap[right], heap[right - 1]) => right - 1,
            std::cmp::Ordering::Less => right,
            std::cmp::Ordering::Equal => right - 1,
            std::cmp::Ordering::Greater => break,
        };
        heap[hole] = heap[child];
        hole = child;
    }
    while hole > top {
        let parent = (hole - 1) / 2;
        if !less(heap[parent], value) {
            break;
        }
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = value;
}
