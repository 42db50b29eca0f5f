//! Parts that ops of family `contract` are made of.

pub mod batched;
pub mod operands;
pub mod samples;
pub mod scaled;
