//! A step of AdamW.

use super::fused_adam::{BOTH, rule, run};
use adjoint_autograd::{Body, OpDef};

/// The op.
pub static DEF: OpDef = OpDef {
    name: "_fused_adamw_",
    doc: "A step of AdamW on each of the parameters `self`: p ← p − lr · weight_decay · p, and then a step of `_fused_adam_` \
          without weight decay. Source: PyTorch, `torch.optim.AdamW`.",
    body: Body::Update { rule, run: |attrs, i, step| run(attrs, i, step, true) },
    ..BOTH
}
.shipped();
