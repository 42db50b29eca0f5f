//! PyTorch's type promotion.
//!
//! Operands fall into three groups: tensors with dims, 0-dim tensors, and scalars, which are no
//! tensors (which cross the boundary as 0-dim tensors marked *wrapped*). The highest category (bool
//! < integer < float) decides; within a group the table of `torch.promote_types` does; a lower
//! group only matters if its category is higher than that of the groups above. Source: the PyTorch
//! documentation, "Tensor Attributes", section torch.dtype.

use crate::DType;

/// What promotion needs to know of one operand.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// The operand's dtype.
    pub dtype: DType,
    /// Whether it has no dims.
    pub zero_dim: bool,
    /// Whether it is a scalar that is no tensor.
    pub wrapped: bool,
}

/// The dtype of numbers and of results that must be floating point when all operands are integers.
pub const DEFAULT_FLOAT: DType = DType::Float32;

fn category(t: DType) -> u8 {
    match t {
        DType::Bool => 0,
        t if t.is_float() => 2,
        _ => 1,
    }
}

/// The smallest dtype both can be cast to, `torch.promote_types`.
pub fn promote_types(a: DType, b: DType) -> DType {
    use DType::{BFloat16, Bool, Float16, Float32, Float64, Int8, Int16, Int32, Int64, UInt8};
    if a == b {
        return a;
    }
    match (category(a), category(b)) {
        (2, 2) => match (a, b) {
            (Float64, _) | (_, Float64) => Float64,
            (Float16 | BFloat16 | Float32, Float16 | BFloat16 | Float32) => Float32,
            _ => Float32,
        },
        (2, _) => a,
        (_, 2) => b,
        _ => match (a, b) {
            (Bool, t) | (t, Bool) => t,
            (UInt8, Int8) | (Int8, UInt8) => Int16,
            (Int64, _) | (_, Int64) => Int64,
            (Int32, _) | (_, Int32) => Int32,
            _ => Int16,
        },
    }
}

/// The dtype operands are computed in, `torch.result_type`.
pub fn result_type(operands: impl IntoIterator<Item = Operand>) -> DType {
    let mut groups: [Option<DType>; 3] = [None; 3];
    for o in operands {
        let group = if o.wrapped {
            2
        } else if o.zero_dim {
            1
        } else {
            0
        };
        // A float number alone is worth the default dtype, whatever it is stored as.
        let dtype = if o.wrapped && o.dtype.is_float() { DEFAULT_FLOAT } else { o.dtype };
        groups[group] = Some(groups[group].map_or(dtype, |t| promote_types(t, dtype)));
    }
    let mut best: Option<DType> = None;
    for dtype in groups.into_iter().flatten() {
        best = Some(match best {
            None => dtype,
            Some(t) if category(dtype) > category(t) => promote_types(t, dtype),
            Some(t) => t,
        });
    }
    best.unwrap_or(DEFAULT_FLOAT)
}

/// Whether a result of dtype `from` may be written into a tensor of dtype `to`: never from a higher
/// category.
pub fn can_cast(from: DType, to: DType) -> bool {
    category(from) <= category(to)
}

/// The floating dtype an operation such as `sqrt` computes in: `t` itself, or the default for
/// integers and bools.
pub fn to_float(t: DType) -> DType {
    if t.is_float() { t } else { DEFAULT_FLOAT }
}
