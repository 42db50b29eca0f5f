//! Records that JavaScript knows by number.

use std::rc::Rc;

/// Records by number. The number of one that was given back is given out again.
pub struct Numbered<T>(Vec<Option<Rc<T>>>);

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered::new()
    }
}

impl<T> Numbered<T> {
    /// None.
    pub const fn new() -> Self {
        Numbered(Vec::new())
    }

    /// Holds a record; its number.
    pub fn keep(&mut self, record: T) -> u32 {
        let place = self.0.iter().position(Option::is_none).unwrap_or_else(|| {
            self.0.push(None);
            self.0.len() - 1
        });
        self.0[place] = Some(Rc::new(record));
        place as u32
    }

    /// The record of a number.
    pub fn get(&self, number: u32) -> Option<Rc<T>> {
        self.0.get(number as usize)?.clone()
    }

    /// Gives a record back, to be dropped when nothing is borrowed.
    pub fn take(&mut self, number: u32) -> Option<Rc<T>> {
        self.0.get_mut(number as usize)?.take()
    }
}
