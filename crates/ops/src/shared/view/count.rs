//! The space that the views of one call need.

use adjoint_tensor::{Code, Error, Result, memory};

/// More tensors than there are handles for.
const MOST: usize = 1 << 24;

/// Bytes that one view takes, with its layout, tensor, handle and position in the lists on the way,
/// which grow by doubling: a generous guess.
const EACH: usize = 1024;

/// Bytes for each dim beyond those that a layout holds by itself, in all the lists on the way.
const EACH_DIM: usize = 64;
/// So many are held by itself.
const HELD: usize = 6;

/// Their number, and an error unless there is memory for so many views of `rank` dims. They are made where running
/// out of it could not be an error.
pub(crate) fn room(count: i64, rank: usize) -> Result<usize> {
    let Some(views) = usize::try_from(count).ok().filter(|&n| n < MOST) else {
        return Err(Error::new(Code::OutOfMemory, format!("{count} views are more tensors than can exist"))
            .with("views", count));
    };
    memory::ensure(views.saturating_mul(EACH + rank.saturating_sub(HELD).saturating_mul(EACH_DIM)))?;
    Ok(views)
}
