//! Parts that ops of family `view` are made of.

pub mod atleast;
pub mod copies;
pub mod count;
pub mod gradient;
pub mod infer;
pub mod joined;
pub mod memory_format;
pub mod samples;
pub mod splits;
pub mod stacks;
pub mod swapped;
pub mod triangle;
pub mod written;
