//! The one size of a shape that may be left to be worked out.

use adjoint_tensor::array::held;
use adjoint_tensor::{Dims, Error, Result};

/// `sizes` with a -1 replaced so that `numel` elements fit.
pub fn shape(sizes: &[i64], numel: usize) -> Result<Dims> {
    let mut open = None;
    let mut known = 1usize;
    for (d, &n) in sizes.iter().enumerate() {
        match n {
            -1 if open.is_none() => open = Some(d),
            -1 => return Err(Error::shape(format!("only one size can be inferred, got several -1 in {sizes:?}"))),
            _ => {
                let invalid = || Error::shape(format!("invalid shape dimension {n} in {sizes:?}"));
                // Saturated, no product is mistaken for a number of elements that exists.
                known = known.saturating_mul(held(n, "size", invalid)?);
            }
        }
    }
    let mut out: Dims = sizes.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect();
    match open {
        Some(d) if known > 0 && numel.is_multiple_of(known) => out[d] = numel / known,
        Some(d) if known == 0 && numel == 0 => {
            return Err(Error::shape(format!(
                "cannot reshape a tensor of 0 elements into {sizes:?}, because the size of dim {d} could be anything"
            )));
        }
        None if known == numel => {}
        _ => return Err(Error::shape(format!("shape {sizes:?} is invalid for input of size {numel}"))),
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn one_size_is_worked_out() {
        assert_eq!(shape(&[2, -1], 6).unwrap().as_slice(), &[2, 3]);
        assert_eq!(shape(&[-1], 0).unwrap().as_slice(), &[0]);
        assert_eq!(shape(&[], 1).unwrap().as_slice(), &[] as &[usize]);
        for (sizes, numel) in
            [(&[-1, -1][..], 4), (&[4, -1], 6), (&[0, -1], 0), (&[5], 6), (&[-2, 3], 6), (&[-1, 0], 3)]
        {
            assert!(shape(sizes, numel).is_err(), "{sizes:?} of {numel}");
        }
    }
}
