//! Parts that ops of family `rnn` are made of.

pub mod by_steps;
pub mod layers;
pub mod samples;
pub mod steps;
