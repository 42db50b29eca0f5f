//! Parts that several ops are made of. No file here holds an op.

pub mod dims;
pub(crate) mod indices;
