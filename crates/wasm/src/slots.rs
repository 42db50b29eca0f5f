//! Values by handle, and lists of them.
//!
//! A handle is a positive `i32` below 2^30: 24 bits of slot and 6 bits of generation, which is
//! never 0. A slot that is given out again gets the next generation, so a handle that was released
//! names nothing instead of another value.
//!
//! A value may be on a list. Lists are doubly linked through the slots, so joining and leaving one
//! neither searches nor allocates. A list is itself a slot, named by its handle. `insert_listed`
//! adds to the current list.

use adjoint_tensor::{Code, Error, Result, scratch};

const SLOT_BITS: u32 = 24;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;
const GENERATIONS: u32 = 63;
const NONE: u32 = u32::MAX;

struct Slot<T> {
    /// Nothing in free slots and in those of lists.
    value: Option<T>,
    /// 1 to 63, of what is there or of what comes next.
    generation: u32,
    /// The neighbours on a list, a ring through the list's own slot; the slot itself where it is on
    /// none. Of a free slot, `next` is the next free one.
    next: u32,
    before: u32,
}

/// See the module.
pub struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    live: usize,
    first_generation: u32,
    /// The slot of the current list.
    current: u32,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots::new()
    }
}

impl<T> Slots<T> {
    /// None.
    pub const fn new() -> Self {
        Slots { slots: Vec::new(), free: NONE, live: 0, first_generation: 1, current: NONE }
    }

    /// Gives out handles of new slots from this generation on.
    pub fn start_at_generation(&mut self, generation: u32) {
        self.first_generation = generation % GENERATIONS + 1;
    }

    /// How many values there are.
    pub fn live(&self) -> usize {
        self.live
    }

    /// How many values are on no list.
    pub fn unlisted(&self) -> usize {
        let is_unlisted = |&(i, slot): &(usize, &Slot<T>)| slot.value.is_some() && slot.next as usize == i;
        self.slots.iter().enumerate().filter(is_unlisted).count()
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_ref())
    }

    /// The value of `handle`, unless it was released or never given.
    #[inline(always)]
    pub fn get(&self, handle: i32) -> Option<&T> {
        let handle = handle as u32;
        let slot = self.slots.get((handle & SLOT_MASK) as usize)?;
        if slot.generation == handle >> SLOT_BITS { slot.value.as_ref() } else { None }
    }

    /// Replaces a value. Returns what the caller must drop when nothing is borrowed: the old value,
    /// or the new one where the handle names nothing.
    pub fn replace(&mut self, handle: i32, value: T) -> Option<T> {
        if self.get(handle).is_none() {
            return Some(value);
        }
        self.slots[(handle as u32 & SLOT_MASK) as usize].value.replace(value)
    }

    /// A handle for a value on no list. On failure the value comes back with the error: dropping it
    /// may call JavaScript, so the caller drops it when nothing is borrowed.
    pub fn insert(&mut self, value: T) -> std::result::Result<i32, (Error, T)> {
        let index = match self.free_slot() {
            Ok(index) => index,
            Err(e) => return Err((e, value)),
        };
        self.slots[index as usize].value = Some(value);
        self.live += 1;
        Ok(self.handle(index))
    }

    /// The same for a value on the current list, if there is one.
    #[inline(always)]
    pub fn insert_listed(&mut self, value: T) -> std::result::Result<i32, (Error, T)> {
        let index = match self.free_slot() {
            Ok(index) => index,
            Err(e) => return Err((e, value)),
        };
        let slot = &mut self.slots[index as usize];
        // Nothing is there, which the compiler cannot know: it would drop it.
        std::mem::forget(slot.value.replace(value));
        let handle = (slot.generation << SLOT_BITS | index) as i32;
        self.live += 1;
        if self.current != NONE {
            self.link(index, self.current);
        }
        Ok(handle)
    }

    /// Takes the value out, and off its list; the caller drops it when nothing is borrowed.
    #[inline]
    pub fn remove(&mut self, handle: i32) -> Option<T> {
        let index = self.index(handle)?;
        let value = self.slots[index as usize].value.take()?;
        self.unlink(index);
        self.give_up(index);
        self.live -= 1;
        Some(value)
    }

    /// A new list, now the current one.
    pub fn open(&mut self) -> Result<i32> {
        let index = self.free_slot()?;
        self.current = index;
        Ok(self.handle(index))
    }

    /// Makes a list the current one; 0 is none.
    #[inline]
    pub fn enter(&mut self, list: i32) {
        self.current = self.list(list).unwrap_or(NONE);
    }

    /// Puts a value on another list, or for 0 on none.
    #[inline]
    pub fn list_on(&mut self, handle: i32, list: i32) {
        let Some(index) = self.index(handle) else { return };
        if self.slots[index as usize].value.is_none() {
            return;
        }
        self.unlink(index);
        if let Some(list) = self.list(list) {
            self.link(index, list);
        }
    }

    /// Takes values off a list, the last to join first, until `is_done_with` gives one back, which
    /// is returned; `None` when the list is empty.
    #[inline(always)]
    pub fn take_listed(&mut self, list: i32, is_done_with: impl Fn(T) -> Option<T>) -> Option<T> {
        let list = self.list(list)?;
        loop {
            let index = self.slots[list as usize].next;
            if index == list {
                return None;
            }
            let slot = &mut self.slots[index as usize];
            let (next, value) = (slot.next, slot.value.take());
            self.give_up(index);
            self.live -= 1;
            self.slots[list as usize].next = next;
            self.slots[next as usize].before = list;
            if let Some(value) = value
                && let Some(value) = is_done_with(value)
            {
                return Some(value);
            }
        }
    }

    /// Gives a list up that is empty.
    pub fn close(&mut self, list: i32) {
        if let Some(index) = self.list(list) {
            if self.current == index {
                self.current = NONE;
            }
            self.give_up(index);
        }
    }

    /// The handles on a list, the last to join first.
    pub fn listed(&self, list: i32) -> Result<Vec<i32>> {
        let Some(list) = self.list(list) else { return Ok(Vec::new()) };
        let next = |&index: &u32| Some(self.slots[index as usize].next).filter(|&next| next != list);
        let places = || std::iter::successors(next(&list), next);
        let mut handles = scratch::with_room(places().count())?;
        handles.extend(places().map(|index| self.handle(index)));
        Ok(handles)
    }

    /// The slot of a handle that was given out and not given back.
    #[inline(always)]
    fn index(&self, handle: i32) -> Option<u32> {
        let index = handle as u32 & SLOT_MASK;
        let slot = self.slots.get(index as usize)?;
        (slot.generation == handle as u32 >> SLOT_BITS).then_some(index)
    }

    /// The slot of a list.
    #[inline(always)]
    fn list(&self, list: i32) -> Option<u32> {
        let index = self.index(list)?;
        self.slots[index as usize].value.is_none().then_some(index)
    }

    fn handle(&self, index: u32) -> i32 {
        (self.slots[index as usize].generation << SLOT_BITS | index) as i32
    }

    /// A slot to be filled, on no list.
    #[inline(always)]
    fn free_slot(&mut self) -> Result<u32> {
        if self.free == NONE {
            self.add_slot()?;
        }
        let index = self.free;
        let slot = &mut self.slots[index as usize];
        self.free = slot.next;
        slot.next = index;
        slot.before = index;
        Ok(index)
    }

    #[cold]
    #[inline(never)]
    fn add_slot(&mut self) -> Result<()> {
        let index = self.slots.len() as u32;
        if index > SLOT_MASK {
            return Err(Error::new(
                Code::OutOfMemory,
                format!(
                    "{index} tensors are alive at once, more than there are handles; release some with scope() or dispose()"
                ),
            ));
        }
        if self.slots.len() == self.slots.capacity() && self.slots.try_reserve(self.slots.len().max(64)).is_err() {
            return Err(Error::new(
                Code::OutOfMemory,
                format!("there is no memory for a handle beside {index} others"),
            ));
        }
        self.slots.push(Slot { value: None, generation: self.first_generation, next: NONE, before: NONE });
        self.free = index;
        Ok(())
    }

    /// Puts an emptied slot with those to be filled.
    #[inline(always)]
    fn give_up(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        slot.generation = if slot.generation == GENERATIONS { 1 } else { slot.generation + 1 };
        slot.next = self.free;
        self.free = index;
    }

    #[inline(always)]
    fn link(&mut self, index: u32, list: u32) {
        let next = std::mem::replace(&mut self.slots[list as usize].next, index);
        self.slots[next as usize].before = index;
        let slot = &mut self.slots[index as usize];
        (slot.next, slot.before) = (next, list);
    }

    #[inline(always)]
    fn unlink(&mut self, index: u32) {
        let Slot { next, before, .. } = self.slots[index as usize];
        self.slots[before as usize].next = next;
        self.slots[next as usize].before = before;
        let slot = &mut self.slots[index as usize];
        (slot.next, slot.before) = (index, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(slots: &mut Slots<char>, list: i32) -> String {
        std::iter::from_fn(|| slots.take_listed(list, Some)).collect()
    }

    #[test]
    fn a_released_handle_names_nothing_though_its_slot_is_used_again() {
        let mut slots = Slots::new();
        let a = slots.insert('a').unwrap();
        assert_eq!(slots.remove(a), Some('a'));
        let b = slots.insert('b').unwrap();
        assert_eq!((a as u32 & SLOT_MASK, slots.get(a)), (b as u32 & SLOT_MASK, None));
        assert_eq!(slots.get(b), Some(&'b'));
        assert_eq!(slots.remove(a), None);
        assert_eq!(slots.live(), 1);
    }

    #[test]
    fn handles_are_positive_and_zero_names_nothing() {
        let mut slots = Slots::new();
        for _ in 0..200 {
            let h = slots.insert(()).unwrap();
            assert!(h > 0 && h < 1 << 30);
            assert!(slots.get(0).is_none() && slots.get(-1).is_none());
            slots.remove(h);
        }
    }

    #[test]
    fn values_join_the_current_list_and_leave_it_from_anywhere() {
        let mut slots = Slots::new();
        let outside = slots.insert_listed('o').unwrap();
        let outer = slots.open().unwrap();
        let handles = "abcd".chars().map(|c| slots.insert_listed(c).unwrap()).collect::<Vec<_>>();
        let inner = slots.open().unwrap();
        let e = slots.insert_listed('e').unwrap();
        slots.insert('u').unwrap();
        slots.list_on(handles[1], inner);
        assert_eq!(slots.remove(handles[3]), Some('d'));
        slots.list_on(e, 0);
        assert_eq!(slots.listed(inner).unwrap(), [handles[1]]);
        assert_eq!(slots.listed(outer).unwrap(), [handles[2], handles[0]]);
        slots.enter(outer);
        slots.insert_listed('f').unwrap();
        assert_eq!(taken(&mut slots, inner), "b");
        slots.close(inner);
        assert_eq!(taken(&mut slots, outer), "fca");
        slots.close(outer);
        assert_eq!(slots.live(), 3);
        assert_eq!(slots.get(outside), Some(&'o'));
        // No list is current now, and a list that was given up takes nothing.
        slots.enter(inner);
        let g = slots.insert_listed('g').unwrap();
        assert!(slots.listed(inner).unwrap().is_empty());
        assert_eq!(slots.remove(g), Some('g'));
    }

    #[test]
    fn handles_of_values_and_of_lists_are_not_confused() {
        let mut slots = Slots::new();
        let a = slots.insert('a').unwrap();
        let list = slots.open().unwrap();
        slots.close(a);
        slots.list_on(list, a);
        assert_eq!((slots.get(a), slots.get(list)), (Some(&'a'), None));
        assert_eq!(slots.remove(list), None);
        assert_eq!(taken(&mut slots, a), "");
        slots.insert_listed('b').unwrap();
        assert_eq!(taken(&mut slots, list), "b");
    }

    #[test]
    fn what_is_done_with_is_not_given_back() {
        let mut slots = Slots::new();
        let list = slots.open().unwrap();
        for c in "aBcD".chars() {
            slots.insert_listed(c).unwrap();
        }
        let upper = |c: char| c.is_uppercase().then_some(c);
        assert_eq!(slots.take_listed(list, upper), Some('D'));
        assert_eq!(slots.live(), 3);
        assert_eq!(slots.take_listed(list, upper), Some('B'));
        assert_eq!(slots.take_listed(list, upper), None);
        assert_eq!(slots.live(), 0);
    }
}
