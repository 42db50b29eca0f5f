//! Windows that cover an axis evenly, as many as are asked for.

use adjoint_autograd::attrs::NULL_SIZE;
use adjoint_tensor::{Error, Result};

/// How many windows there are along each axis of `input`: one number for all, or a list, in which
/// null stands for the input's own size.
pub fn counts<const N: usize>(given: &[i64], dims: usize, input: [usize; N]) -> Result<[usize; N]> {
    let is_size = |n: i64| (0..1 << 28).contains(&n) || (n == NULL_SIZE && dims > 1);
    if (given.len() != 1 && given.len() != dims) || !given.iter().all(|&n| is_size(n)) {
        let lists =
            if dims == 1 { "a list of one".to_string() } else { format!("a list of {dims}, null for the input's own") };
        let got: Vec<String> =
            given.iter().map(|&n| if n == NULL_SIZE { "null".to_string() } else { n.to_string() }).collect();
        return Err(Error::usage(format!("expected outputSize to be a size or {lists}, got [{}]", got.join(", "))));
    }
    let skipped = N - dims;
    Ok(std::array::from_fn(|axis| {
        let count = if axis < skipped { 1 } else { given[(axis - skipped).min(given.len() - 1)] };
        if count == NULL_SIZE { input[axis] } else { count as usize }
    }))
}

/// First element and end of window `i` of `count` along an axis of `size` elements.
pub fn window(i: usize, count: usize, size: usize) -> (usize, usize) {
    let (i, size, count) = (i as u64, size as u64, count as u64);
    ((i * size / count) as usize, ((i + 1) * size).div_ceil(count) as usize)
}
