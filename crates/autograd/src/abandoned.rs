//! What guards put right at the end of a call, for calls that an exception of JavaScript's ended before.
//!
//! Such a call leaves its frames without running destructors: grad mode stays off after a backward pass that was left in the
//! middle, for one.

use crate::{graveyard, modes, walks};

/// Goes back to where no call runs and the modes are these. False where that cannot be done, since the abandoned call was
/// in the middle of changing a list.
pub fn restore(grad: bool, inference: bool) -> bool {
    if !graveyard::is_free() || !walks::is_free() {
        return false;
    }
    modes::set_grad_enabled(grad);
    modes::set_inference(inference);
    graveyard::stop_emptying();
    walks::abandon();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modes::{GradMode, Inference};

    #[test]
    fn guards_that_are_never_dropped_are_put_right() {
        std::mem::forget((GradMode::set(false), Inference::set(true)));
        std::mem::forget(walks::Running::begin(true, |_| false));
        assert!(restore(true, false));
        assert_eq!((modes::grad_enabled(), modes::inference(), walks::depth()), (true, false, 0));
    }
}
