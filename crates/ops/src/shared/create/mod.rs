//! Parts that ops of family `create` are made of.

pub mod factory;
pub mod window;
