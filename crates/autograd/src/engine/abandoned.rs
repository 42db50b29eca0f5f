//! What guards put right at the end of a call, for calls that an exception of JavaScript's ended
//! before.
//!
//! Such a call leaves its frames without running destructors: grad mode stays off after a backward
//! pass that was left in the middle, for one.

use crate::engine::context;
use crate::graph::drop_queue;
use crate::graph::modes;

/// Goes back to where no call runs and the modes are these. False where that cannot be done, since
/// the abandoned call was in the middle of changing a list.
pub fn restore(grad: bool, inference: bool) -> bool {
    if !drop_queue::is_free() || !context::is_free() {
        return false;
    }
    modes::set_grad_enabled(grad);
    modes::set_inference(inference);
    drop_queue::stop_emptying();
    context::abandon();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::modes::{GradMode, Inference};

    #[test]
    fn guards_that_are_never_dropped_are_put_right() {
        std::mem::forget((GradMode::set(false), Inference::set(true)));
        std::mem::forget(context::Running::begin(true, |_| false));
        assert!(restore(true, false));
        assert_eq!((modes::grad_enabled(), modes::inference(), context::depth()), (true, false, 0));
    }
}
