//! Steps of optimisers on tensors, in place.

mod half;

use crate::{Array, DType, Error, Layout, Result, order};
use adjoint_kernels::dtype::Element;
use adjoint_kernels::optimizer;
pub use adjoint_kernels::optimizer::{Adam, Sgd};

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

impl Step<'_> {
    /// Fails unless everything goes together; nothing is written by it.
    pub fn check(&self) -> Result<()> {
        let p = self.param;
        if !p.dtype().is_float() {
            return Err(Error::dtype(format!("parameters must be floating-point tensors, got {}", p.dtype().name())));
        }
        if p.layout().has_internal_overlap() {
            return Err(Error::usage("a parameter has elements that share memory; clone() it first"));
        }
        let fits = |x: &Array| x.shape() == p.shape() && x.dtype() == p.dtype();
        if self.grad.shape() != p.shape() {
            return Err(Error::shape(format!(
                "a parameter of shape {:?} has a gradient of shape {:?}",
                p.shape(),
                self.grad.shape()
            )));
        }
        for (i, x) in self.state.iter().enumerate() {
            let again = self.state[..i].iter().any(|other| other.shares_storage(x));
            if !fits(x) || again || x.shares_storage(p) || x.layout().has_internal_overlap() {
                return Err(Error::usage(format!(
                    "the state of a parameter of {} {:?} must be tensors of that dtype and shape with memory of their own, got {} {:?}",
                    p.dtype().name(),
                    p.shape(),
                    x.dtype().name(),
                    x.shape()
                )));
            }
        }
        Ok(())
    }

    /// Calls `f(parameter, gradient, state)` with contiguous arrays, of which all but the gradient are written back. Elements are in the
    /// parameter's order of memory: its gradient and state usually have its strides. `f` is no parameter of a type, so that all optimizers share
    /// one function.
    fn run(&self, f: Update) -> Result<()> {
        self.check()?;
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

/// The elements of `x`, contiguous, in the order of memory that `like` has if that is dense: `x` itself where it has that order, else a copy.
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

/// A step of stochastic gradient descent; the state is the velocity, or nothing without momentum. See [`optimizer::sgd`].
pub fn sgd(step: &Step, first: bool, by: &Sgd) -> Result<()> {
    #[inline(never)]
    fn of<T: Element + optimizer::Scalar>(p: &Array, g: &Array, state: &[Array], first: bool, by: &Sgd) -> Result<()> {
        // SAFETY: `Step::run` hands over storages that are apart, and no other code runs meanwhile.
        unsafe { optimizer::sgd::<T>(written(p), g.as_slice(), state.first().map(|v| written(v)), first, by) };
        Ok(())
    }
    step.run(&|p, g, state| match p.dtype() {
        DType::Float32 => of::<f32>(p, g, state, first, by),
        DType::Float16 | DType::BFloat16 => half::sgd(p, g, state, first, by),
        _ => of::<f64>(p, g, state, first, by),
    })
}

/// Step number `t`, from 1, of Adam; the state is the averages of gradients and squares, and the greatest of these with amsgrad. See
/// [`optimizer::adam`].
///
/// # Panics
/// If there are not two or three tensors of state.
pub fn adam(step: &Step, t: f64, by: &Adam) -> Result<()> {
    #[inline(never)]
    fn of<T: Element + optimizer::Scalar>(p: &Array, g: &Array, state: &[Array], t: f64, by: &Adam) -> Result<()> {
        // SAFETY: `Step::run` hands over storages that are apart, and no other code runs meanwhile.
        unsafe {
            let greatest = state.get(2).map(|v| written(v));
            optimizer::adam::<T>(written(p), g.as_slice(), written(&state[0]), written(&state[1]), greatest, t, by);
        }
        Ok(())
    }
    step.run(&|p, g, state| match p.dtype() {
        DType::Float32 => of::<f32>(p, g, state, t, by),
        DType::Float16 | DType::BFloat16 => half::adam(p, g, state, t, by),
        _ => of::<f64>(p, g, state, t, by),
    })
}
