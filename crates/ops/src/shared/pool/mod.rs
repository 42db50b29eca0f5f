//! Parts that ops of family `pool` are made of.

pub mod adaptive;
pub mod windows;
