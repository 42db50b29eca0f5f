//! Parts that ops of family `reduce` are made of.

pub mod moments;
pub mod pair_distances;
pub mod samples;
pub mod split_ties;
