//! Parts that ops of family `nn` are made of.

pub mod attention_formula;
pub mod norm_gradient;
pub mod normalized;
pub mod reduction;
pub mod resample;
pub mod sampling;
