//! Parts that ops of family `conv` are made of.

pub mod geometry;
pub mod patches;
