//! Parts that ops of family `conv` are made of.

pub mod columns;
pub mod geometry;
pub mod patches;
