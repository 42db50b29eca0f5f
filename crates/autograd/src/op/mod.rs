//! What an op is, and what a call of it looks like.
//!
//! | module | duty |
//! |---|---|
//! | [`definition`] | [`OpDef`]: everything there is to know about an op |
//! | [`arguments`], [`attrs`] | its parameters, and what was passed for those that are not tensors |
//! | [`body`] | what computes it |
//! | [`derivative`], [`backward`] | its derivatives, and what a derivative sees |
//! | [`call`] | what rules and kernels see of a call |
//! | [`interpreter`], [`keys`] | what looks at calls on their way, and when |
//! | [`sample`] | the calls that tests make |
//! | [`required`] | the ops that this crate itself calls |

pub mod arguments;
pub mod attrs;
pub mod backward;
pub mod body;
pub mod call;
pub mod definition;
pub mod derivative;
pub mod interpreter;
pub mod keys;
pub mod required;
pub mod sample;

pub use arguments::{Arg, Default, Kind, Older};
pub use attrs::{Attr, Attrs};
pub use backward::{Backward, Grads};
pub use body::{Arrays, Batching, Body, Check, Half, HalfGradient, HalfOps, HalfValue, Outputs, Params, Promotion};
pub use call::{Call, Facts, Spec, Specs, given, required};
pub use definition::{Alias, Api, Class, Named, NodeNaming, OpDef};
pub use derivative::{Jvp, Saves, Tangents, Vjp};
pub use sample::{ErrorSample, Sample, SampleArg, SampleTensor};
