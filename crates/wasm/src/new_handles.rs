//! Handles that are handed out together: if one cannot be had, those before it are given back.

use crate::handles::release;
use crate::scratch::reserve;
use adjoint_tensor::{Result, scratch};

/// Handles that JavaScript does not have yet.
pub struct NewHandles(Vec<i32>);

impl NewHandles {
    /// None yet, with space for `count`, here and in the scratch area, where they and their number go.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn with_capacity(count: usize) -> Result<Self> {
        reserve(count + 1)?;
        Ok(NewHandles(scratch::with_room(count)?))
    }

    /// Adds one, 0 where there is no tensor, negative for a view; an error where it could not be
    /// made.
    pub fn push(&mut self, handle: Result<i32>) -> Result<()> {
        self.0.push(handle?);
        Ok(())
    }

    /// The handles, which from now on are the caller's to give back.
    pub fn hand_out(mut self) -> Vec<i32> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for NewHandles {
    fn drop(&mut self) {
        for handle in &self.0 {
            release(handle.abs());
        }
    }
}
