//! Parts that ops of family `elementwise` are made of.

pub mod angles;
pub mod casts;
pub mod reversed;
pub mod scaled_sum;
pub mod single;
