//! Parts that ops of family `random` are made of.

pub mod draw;
