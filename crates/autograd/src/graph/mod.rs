//! The graph: tensors, the nodes that made them, and what nodes keep.
//!
//! These types know each other and [`crate::op::OpDef`], of which a node is a call; they run
//! nothing.
//!
//! | module | duty |
//! |---|---|
//! | [`tensor`] | [`tensor::Tensor`]: an array with its edge in the graph |
//! | [`view`] | views, and what a write through one leaves |
//! | [`node`] | [`node::Node`], one recorded call, and [`node::Edge`], one of its outputs |
//! | `saved`, `packed` | what a node keeps for its derivative |
//! | `label` | what nodes are called by the composites that made them |
//! | [`levels`] | the `vmap`s at work |
//! | [`custom`] | nodes of the user's own functions |
//! | [`hooks`] | the user's functions on gradients and on saved tensors |
//! | [`trace`] | stacks of forward calls |
//! | [`drop_queue`] | freeing graphs of any depth without recursion |
//! | [`modes`] | grad mode, inference mode, anomaly mode |
//! | [`inventory`] | what is alive |

pub mod custom;
pub mod drop_queue;
pub mod hooks;
pub mod inventory;
pub(crate) mod label;
pub mod levels;
pub mod modes;
pub mod node;
pub(crate) mod packed;
pub(crate) mod saved;
pub mod tensor;
pub mod trace;
pub mod view;
