//! From a formula to a loop, and from a loop to strided tensors.
