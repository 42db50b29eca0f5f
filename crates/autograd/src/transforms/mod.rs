//! What looks at calls on their way down: interpreters, and the function transforms that switch
//! them on.
//!
//! | module | duty |
//! |---|---|
//! | [`forward_mode`], `forward_rules`, `forward_in_place` | tangents that travel with values |
//! | [`stack`] | which function transforms run, and what they forbid |
//! | [`vmap`] | functions of one sample that run on all |
//! | [`profile`] | what ran, how long it took and what it allocated |
//! | [`anomaly`] | where a gradient that is not a number comes from |

pub mod anomaly;
mod forward_in_place;
pub mod forward_mode;
mod forward_rules;
pub mod profile;
pub mod stack;
pub mod vmap;
