//! Parts that ops of family `optim` are made of.

pub mod steps;
