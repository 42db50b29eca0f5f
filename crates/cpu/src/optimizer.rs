//! Steps of optimizers on arrays, in place.

use adjoint_kernels::dtype::Element;
use adjoint_kernels::optimizer::{self, Formula, Scalar};
use adjoint_tensor::{Array, DType, Error, Layout, Meta, Result, order};
use smallvec::SmallVec;

/// What a step does with a parameter, its gradient and its state.
type Update<'a> = &'a dyn Fn(&Array, &Array, &[Array]) -> Result<()>;

/// A parameter and what belongs to it.
pub struct Step<'a> {
    /// The parameter; it is written.
    pub param: &'a Array,
    /// Its gradient.
    pub grad: &'a Array,
    /// What is remembered of it; written.
    pub state: &'a [&'a Array],
}

/// Fails unless the facts of a parameter, its gradient and its state go together.
pub fn check(p: &Meta, grad: &Meta, state: &[&Meta]) -> Result<()> {
    if !p.dtype().is_float() {
        return Err(Error::dtype(format!("parameters must be floating-point tensors, got {}", p.dtype().name())));
    }
    if p.layout().has_internal_overlap() {
        return Err(Error::usage("a parameter has elements that share memory; clone() it first"));
    }
    if grad.shape() != p.shape() {
        return Err(Error::shape(format!(
            "a parameter of shape {:?} has a gradient of shape {:?}",
            p.shape(),
            grad.shape()
        )));
    }
    let fits = |x: &Meta| x.shape() == p.shape() && x.dtype() == p.dtype() && !x.layout().has_internal_overlap();
    state.iter().find(|x| !fits(x)).map_or(Ok(()), |x| Err(strange_state(p, x)))
}

#[cold]
fn strange_state(p: &Meta, x: &Meta) -> Error {
    Error::usage(format!(
        "the state of a parameter of {} {:?} must be tensors of that dtype and shape with memory of their own, got {} {:?}",
        p.dtype().name(),
        p.shape(),
        x.dtype().name(),
        x.shape()
    ))
}

impl Step<'_> {
    /// Fails unless everything goes together; nothing is written by it.
    pub fn check(&self) -> Result<()> {
        let state: SmallVec<[&Meta; 4]> = self.state.iter().map(|x| x.meta()).collect();
        check(self.param, self.grad, &state)?;
        for (i, x) in self.state.iter().enumerate() {
            let again = self.state[..i].iter().any(|other| other.shares_storage(x));
            if again || x.shares_storage(self.param) {
                return Err(strange_state(self.param, x));
            }
        }
        Ok(())
    }

    /// Calls `f(parameter, gradient, state)` with contiguous arrays, of which all but the gradient
    /// are written back. Elements are in the parameter's order of memory: its gradient and state
    /// usually have its strides. `f` is no parameter of a type, so that all optimizers share one
    /// function.
    fn run(&self, f: Update) -> Result<()> {
        let p = flat(self.param, self.param)?;
        let g = flat(&self.grad.cast(p.dtype())?, self.param)?;
        let apart = !g.shares_storage(&p) && self.state.iter().all(|x| !g.shares_storage(x));
        let g = if apart { g } else { g.copy(g.dtype())? };
        let state = self.state.iter().map(|x| flat(x, self.param)).collect::<Result<Vec<_>>>()?;
        f(&p, &g, &state)?;
        for (of, new) in [self.param].into_iter().chain(self.state.iter().copied()).zip([&p].into_iter().chain(&state))
        {
            if !new.shares_storage(of) {
                of.assign(&new.with_layout(order::of_leaf(self.param))?)?;
            }
            of.storage().bump_version();
        }
        Ok(())
    }
}

/// The elements of `x`, contiguous, in the order of memory that `like` has if that is dense: `x`
/// itself where it has that order, else a copy.
fn flat(x: &Array, like: &Array) -> Result<Array> {
    if like.is_contiguous() {
        return x.contiguous();
    }
    let layout = order::of_leaf(like);
    let x = if x.strides() == layout.strides.as_slice() {
        x.clone()
    } else {
        let copy = Array::laid_out(layout, x.dtype())?;
        copy.assign(x)?;
        copy
    };
    let offset = x.layout().offset;
    x.with_layout(Layout { offset, ..Layout::contiguous(&[x.numel()]) })
}

/// The elements of a contiguous array for writing.
///
/// # Safety
/// Nothing else reads or writes them while the borrow lives.
#[expect(clippy::mut_from_ref, reason = "storages have interior mutability; the caller vouches for being alone")]
unsafe fn written<T: Element>(x: &Array) -> &mut [T] {
    assert!(T::DTYPE == x.dtype() && x.is_contiguous());
    // SAFETY: contiguous, of this dtype, inside the storage.
    unsafe { std::slice::from_raw_parts_mut(x.as_mut_ptr().cast::<T>(), x.numel()) }
}

impl Step<'_> {
    /// The step of `by`, after [`Step::check`].
    ///
    /// # Panics
    /// If `N` tensors are not what is remembered.
    pub fn take<const N: usize>(&self, by: impl Formula<N>) -> Result<()> {
        assert_eq!(self.state.len(), N, "a step with another number of states");
        self.run(&|p, g, state| match p.dtype() {
            DType::Float32 => exact::<f32, N>(p, g, state, by),
            DType::Float16 | DType::BFloat16 => half(p, g, state, by),
            _ => exact::<f64, N>(p, g, state, by),
        })
    }
}

#[inline(never)]
fn exact<T: Element + Scalar, const N: usize>(
    p: &Array,
    g: &Array,
    state: &[Array],
    by: impl Formula<N>,
) -> Result<()> {
    // SAFETY: `Step::run` hands over storages that are apart, and no other code runs meanwhile.
    unsafe {
        let states = std::array::from_fn(|i| written::<T>(&state[i]));
        optimizer::update::<T, N>(by, written(p), g.as_slice(), states);
    }
    Ok(())
}

/// In half precision. Apart, since pages that train in float32 would load it with that.
#[inline(never)]
fn half<const N: usize>(p: &Array, g: &Array, state: &[Array], by: impl Formula<N>) -> Result<()> {
    let wide = |x: &Array| x.cast(DType::Float32);
    let (mut params, g) = (wide(p)?, wide(g)?);
    let mut states = state.iter().map(wide).collect::<Result<Vec<_>>>()?;
    let mut slices = states.iter_mut().map(Array::as_mut_slice::<f32>);
    let slices = std::array::from_fn(|_| slices.next().expect("as many as there are states"));
    optimizer::rounded(p.dtype(), by, params.as_mut_slice::<f32>(), g.as_slice(), slices);
    p.assign(&params)?;
    state.iter().zip(&states).try_for_each(|(to, from)| to.assign(from))
}
