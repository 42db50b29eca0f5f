//! Steps on parameters of a half dtype, as PyTorch makes them: one op after the other, each in float32 and rounded.

use super::{Adam, Sgd};
use crate::{Array, DType, Result};

/// Rounds to the dtype of the parameter.
#[derive(Clone, Copy)]
struct Rounding(DType);

impl Rounding {
    fn of(self, v: f32) -> f32 {
        self.0.nearest(f64::from(v)) as f32
    }

    /// A number that an op takes in the dtype of its tensors.
    fn number(self, v: f64) -> f32 {
        self.0.nearest(v) as f32
    }
}

/// Calls `step` with the parameter, gradient and state of each element, and writes back what it returns: the parameter, then the state.
fn each<const N: usize>(
    p: &Array,
    g: &Array,
    state: &[Array],
    step: impl Fn(f32, f32, [f32; N]) -> (f32, [f32; N]),
) -> Result<()> {
    let wide = |x: &Array| x.cast(DType::Float32);
    let (mut params, g) = (wide(p)?, wide(g)?);
    let mut states = state.iter().map(wide).collect::<Result<Vec<_>>>()?;
    {
        let params = params.as_mut_slice::<f32>();
        let mut states: Vec<&mut [f32]> = states.iter_mut().map(Array::as_mut_slice::<f32>).collect();
        for (i, (p, &g)) in params.iter_mut().zip(g.as_slice::<f32>()).enumerate() {
            let (new, after) = step(*p, g, std::array::from_fn(|k| states[k][i]));
            *p = new;
            for (state, v) in states.iter_mut().zip(after) {
                state[i] = v;
            }
        }
    }
    p.assign(&params)?;
    state.iter().zip(&states).try_for_each(|(to, from)| to.assign(from))
}

/// See [`super::sgd`]. Apart from it, since pages that train in float32 would load it with that.
#[inline(never)]
pub(super) fn sgd(p: &Array, g: &Array, state: &[Array], first: bool, by: &Sgd) -> Result<()> {
    let r = Rounding(p.dtype());
    let (rate, decay, momentum) = (r.number(-by.lr), r.number(by.weight_decay), by.momentum as f32);
    let (gained, nesterov) = (r.number(1.0 - by.dampening), r.number(by.momentum));
    let direction = |g: f32, p: f32| {
        let g = if by.maximize { -g } else { g };
        if by.weight_decay == 0.0 { g } else { r.of(g + decay * p) }
    };
    if state.is_empty() {
        return each::<0>(p, g, state, |p, g, []| (r.of(p + rate * direction(g, p)), []));
    }
    each::<1>(p, g, state, |p, g, [v]| {
        let g = direction(g, p);
        let v = if first { g } else { r.of(r.of(v * momentum) + gained * g) };
        let way = if by.nesterov { r.of(g + nesterov * v) } else { v };
        (r.of(p + rate * way), [v])
    })
}

/// See [`super::adam`]; apart from it too.
#[inline(never)]
pub(super) fn adam(p: &Array, g: &Array, state: &[Array], t: f64, by: &Adam) -> Result<()> {
    let r = Rounding(p.dtype());
    let (decay, shrink) = (r.number(by.weight_decay), (1.0 - by.lr * by.weight_decay) as f32);
    let (gained, lost) = ((1.0 - by.beta1) as f32, by.beta1 as f32);
    let (kept, gained_squares) = (by.beta2 as f32, (1.0 - by.beta2) as f32);
    let size = (-by.lr / (1.0 - by.beta1.powf(t))) as f32;
    let (correction, eps) = ((1.0 - by.beta2.powf(t)).sqrt() as f32, r.number(by.eps));
    let moments = |p: f32, g: f32, m: f32, v: f32| {
        let g = if by.maximize { -g } else { g };
        let (p, g) = match (by.weight_decay == 0.0, by.decoupled) {
            (true, _) => (p, g),
            (false, true) => (r.of(p * shrink), g),
            (false, false) => (p, r.of(g + decay * p)),
        };
        // PyTorch's lerp starts from the nearer end.
        let m = if gained < 0.5 { m + gained * (g - m) } else { g - (g - m) * lost };
        (p, r.of(m), r.of(r.of(v * kept) + gained_squares * g * g))
    };
    let moved = |p: f32, m: f32, v: f32| r.of(p + size * m / r.of(r.of(r.of(v.sqrt()) / correction) + eps));
    if state.len() == 2 {
        return each::<2>(p, g, state, |p, g, [m, v]| {
            let (p, m, v) = moments(p, g, m, v);
            (moved(p, m, v), [m, v])
        });
    }
    each::<3>(p, g, state, |p, g, [m, v, greatest]| {
        let (p, m, v) = moments(p, g, m, v);
        let greatest = if v > greatest || v.is_nan() { v } else { greatest };
        (moved(p, m, greatest), [m, v, greatest])
    })
}
