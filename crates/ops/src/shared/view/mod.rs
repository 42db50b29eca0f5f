//! Parts that ops of family `view` are made of.

pub mod atleast;
pub mod copies;
pub mod count;
pub mod gradient;
pub mod infer;
pub mod joined;
pub mod memory_format;
pub mod samples;
pub mod stacks;
pub mod swapped;
pub mod triangle;
