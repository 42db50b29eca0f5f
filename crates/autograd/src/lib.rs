#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | folder | duty |
//! |---|---|
//! | [`op`] | what an op is, and what a call of it looks like |
//! | [`graph`] | tensors, nodes, and what nodes keep |
//! | [`dispatch`](mod@dispatch) | the one way to run anything: compute, then record |
//! | [`engine`] | the backward pass |
//! | [`transforms`] | forward mode, `vmap`, profiles: what looks at calls on their way |
//!
//! Arrows point down: transforms → engine → dispatch → graph, op. The last two are one knot of
//! types.

#![forbid(unsafe_code)]

pub mod dispatch;
pub mod engine;
pub mod graph;
pub mod op;
pub mod transforms;

pub use dispatch::fast_path::FastPath;
pub use dispatch::in_place::dispatch_in_place;
pub use dispatch::{
    batched, custom, deferred, dispatch, dispatch_with_hidden, hidden, in_place, infer, prepared, update,
};
pub use engine::recorded::{Derivative, GradientFormula, Source};
pub use engine::{abandoned, checkpoint, context, inspect};
pub use graph::node::{Edge, Node};
pub use graph::tensor::Tensor;
pub use graph::{hooks, inventory, levels, modes, node, tensor};
pub use op::{
    Alias, Api, Arg, Arrays, Attr, Attrs, Backward, Batching, Body, Call, Check, Class, Default, ErrorSample, Facts,
    Grads, Half, Jvp, Kind, Named, NodeNaming, Older, OpDef, Outputs, Params, Promotion, Sample, SampleArg,
    SampleTensor, Saves, Spec, Specs, Tangents, Vjp, given,
};
pub use op::{attrs, call, interpreter, keys, required, sample};
pub use transforms::{anomaly, forward_mode, profile, vmap};
