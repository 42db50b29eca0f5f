#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | duty |
//! |---|---|
//! | [`op`], [`attrs`], [`call`], [`sample`] | what an op is and what a call of it looks like |
//! | [`dispatch`], [`short`] | the one way to run anything, and what is left of it for small plain calls |
//! | `half` | how the two half-precision dtypes compute |
//! | [`infer`] | what facts alone tell of the outputs of a call |
//! | [`in_place`] | the same for ops that write their first input, and the history of views |
//! | [`update`] | the same for steps of optimizers, which write lists of tensors |
//! | [`tensor`] | [`Tensor`]: an array with its place in a graph |
//! | [`node`], [`saved`], [`graveyard`] | the graph, what it keeps, and how it is freed without recursion |
//! | [`backward`] | what a derivative formula sees |
//! | [`engine`] | walking the graph |
//! | [`hooks`], [`custom`] | code of the user's inside the walk |
//! | [`walks`] | what such code may ask about the walk it runs in |
//! | [`forward_mode`] | tangents that travel with values |
//! | [`vmap`] | what may not be done inside a batching transform |
//! | [`modes`] | grad mode, inference mode, anomaly mode |
//! | [`checkpoint`] | computing saved values again |
//! | [`inspect`], [`inventory`] | looking at a graph, and at what lives |
//! | [`capture`] | a record of what was dispatched |
//! | [`profile`] | what ran, how long it took and what it allocated |
//! | [`transforms`], [`vmap`] | which function transforms are at work, and what they forbid |
//! | [`abandoned`] | what a call that never came to its end leaves to put right |
//! | [`required`] | the ops the engine needs |

#![forbid(unsafe_code)]

pub mod abandoned;
pub mod attrs;
pub mod backward;
pub mod call;
pub mod capture;
pub mod checkpoint;
pub mod custom;
pub mod dispatch;
pub mod engine;
pub(crate) mod forward_in_place;
pub mod forward_mode;
pub mod graveyard;
pub(crate) mod half;
pub mod hooks;
pub mod in_place;
pub mod infer;
pub mod inspect;
pub mod inventory;
pub mod modes;
pub mod node;
pub mod op;
pub(crate) mod packed;
pub mod profile;
pub mod required;
pub mod sample;
pub mod saved;
pub mod short;
pub(crate) mod spine;
pub mod tensor;
pub mod transforms;
pub mod update;
pub mod vmap;
pub mod walks;

pub use attrs::{Attr, Attrs};
pub use backward::{Backward, Grads};
pub use call::{Call, Facts, Spec, Specs, given, required};
pub use dispatch::dispatch;
pub use forward_mode::Tangents;
pub use in_place::dispatch_in_place;
pub use node::{Edge, Node};
pub use op::{
    Arg, Arrays, Body, Check, Class, Default, Half, Jvp, Kind, Named, OpDef, Outputs, Params, Promotion, Saves, Shown,
    Surface, Vjp,
};
pub use sample::{ErrorSample, Sample, SampleArg, SampleTensor};
pub use short::Short;
pub use tensor::Tensor;
