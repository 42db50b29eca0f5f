//! The dims that attributes name, and shapes reduced over them.

use adjoint_autograd::{Attr, Attrs};
pub use adjoint_tensor::dims::reduced_shape;
use adjoint_tensor::dims::{numel, wrap_dim, wrap_dims};
use adjoint_tensor::{Dims, Error, Result};

/// The dim in attribute `i`.
pub fn dim_of(attrs: &Attrs, i: usize, rank: usize) -> Result<usize> {
    wrap_dim(attrs.get_int(i)?, rank)
}

/// The dims attribute `i` names; all where it is absent or an empty list.
pub fn dims_or_all(attrs: &Attrs, i: usize, rank: usize) -> Result<Dims> {
    check_rank(rank)?;
    match attrs.get(i) {
        Attr::Int(d) => Ok(one_of(wrap_dim(*d, rank)?, rank)),
        Attr::Ints(list) if !list.is_empty() => {
            let dims = wrap_dims(list, rank)?;
            // A 0-dim tensor accepts dim 0, which it does not have.
            Ok(if rank == 0 { Dims::new() } else { dims })
        }
        _ => Ok((0..rank).collect()),
    }
}

/// PyTorch's limit.
fn check_rank(rank: usize) -> Result<()> {
    if rank > 64 {
        return Err(Error::shape(format!("only tensors with up to 64 dims are supported, got {rank}")));
    }
    Ok(())
}

/// The one dim attribute `i` names; `None` where it is absent.
pub fn dim_or_none(attrs: &Attrs, i: usize, rank: usize) -> Result<Option<usize>> {
    check_rank(rank)?;
    attrs.opt_int(i).map(|d| wrap_dim(d, rank)).transpose()
}

/// Dim `d` as a list; none for a 0-dim tensor, which accepts dim 0 without having it.
pub fn one_of(d: usize, rank: usize) -> Dims {
    if rank == 0 { Dims::new() } else { Dims::from_elem(d, 1) }
}

/// Refuses to reduce no elements to one where there is no identity.
pub fn not_empty(shape: &[usize], dims: &[usize], named: bool) -> Result<()> {
    if named {
        if let Some(&d) = dims.iter().find(|&&d| shape[d] == 0) {
            return Err(Error::index(format!("expected reduction dim {d} to have non-zero size, got shape {shape:?}"))
                .with("dim", d));
        }
    } else if numel(shape) == 0 {
        return Err(Error::index(format!(
            "expected reduction dim to be specified for a tensor without elements, got shape {shape:?}; pass dim"
        )));
    }
    Ok(())
}

/// One or `dims` integers, each at least `low`, as (rows, columns); a sequence is a single row, to which
/// `row` applies.
pub fn pair(given: &[i64], name: &str, dims: usize, low: i64, row: i64) -> Result<[i64; 2]> {
    axes(given, name, dims, low, row)
}

/// The same along N axes, to the first of which `first` applies where there are fewer dims.
pub fn axes<const N: usize>(given: &[i64], name: &str, dims: usize, low: i64, first: i64) -> Result<[i64; N]> {
    if given.len() != 1 && given.len() != dims {
        let lists = if dims == 1 { "a list of one".to_string() } else { format!("a list of {dims}") };
        return Err(Error::usage(format!("expected {name} to be one integer or {lists}, got {given:?}")));
    }
    if let Some(bad) = given.iter().find(|&&v| v < low) {
        return Err(Error::usage(format!("expected {name} of at least {low}, got {bad}")));
    }
    let skipped = N - dims;
    Ok(std::array::from_fn(|i| if i < skipped { first } else { given[(i - skipped).min(given.len() - 1)] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_dim_tensor_accepts_dim_0() {
        assert!(dims_or_all(&Attrs::new().ints(&[0]), 0, 0).unwrap().is_empty());
        assert!(dims_or_all(&Attrs::new().ints(&[1]), 0, 0).is_err());
        assert_eq!(dims_or_all(&Attrs::new().ints(&[]), 0, 2).unwrap().as_slice(), [0, 1]);
    }
}
