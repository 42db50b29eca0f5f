//! Parts that several ops are made of. No file here holds an op.

pub mod checks;
pub(crate) mod contract;
pub(crate) mod conv;
pub(crate) mod create;
pub mod dims;
pub(crate) mod elementwise;
pub mod indices;
pub(crate) mod linalg;
pub(crate) mod masked;
pub(crate) mod nn;
pub(crate) mod optim;
pub(crate) mod pool;
pub(crate) mod random;
pub(crate) mod reduce;
pub(crate) mod rnn;
pub mod samples;
pub(crate) mod special;
pub(crate) mod view;
