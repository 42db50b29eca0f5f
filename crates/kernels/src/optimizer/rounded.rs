//! Steps in half precision: computed in float32 and rounded after each operation.

use super::{Formula, Lane};
use crate::dtype::DType;
use crate::exec::{Grain, Part, for_range};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number of a half dtype.
#[derive(Clone, Copy, Debug)]
struct Rounded(f32, DType);

impl Rounded {
    fn to(self, v: f32) -> Rounded {
        Rounded(self.1.nearest(f64::from(v)) as f32, self.1)
    }

    /// A number that an op takes in the dtype of its tensors.
    fn number(self, v: f64) -> f32 {
        self.1.nearest(v) as f32
    }
}

macro_rules! rounding {
    ($($trait:ident $method:ident $op:tt),*) => {$(
        impl $trait for Rounded {
            type Output = Rounded;

            fn $method(self, other: Rounded) -> Rounded {
                self.to(self.0 $op other.0)
            }
        }
    )*};
}

rounding!(Add add +, Sub sub -, Mul mul *, Div div /);

impl Neg for Rounded {
    type Output = Rounded;

    fn neg(self) -> Rounded {
        Rounded(-self.0, self.1)
    }
}

impl Lane for Rounded {
    fn times(self, factor: f64) -> Rounded {
        self.to(self.0 * factor as f32)
    }

    fn over(self, divisor: f64) -> Rounded {
        self.to(self.0 / divisor as f32)
    }

    fn plus(self, number: f64) -> Rounded {
        self.to(self.0 + self.number(number))
    }

    fn add_scaled(self, alpha: f64, other: Rounded) -> Rounded {
        self.to(self.0 + self.number(alpha) * other.0)
    }

    fn mix(self, a: f64, other: Rounded, b: f64) -> Rounded {
        self.times(a).add_scaled(b, other)
    }

    fn add_product(self, value: f64, a: Rounded, b: Rounded) -> Rounded {
        self.to(self.0 + value as f32 * a.0 * b.0)
    }

    fn add_quotient(self, value: f64, a: Rounded, b: Rounded) -> Rounded {
        self.to(self.0 + value as f32 * a.0 / b.0)
    }

    fn lerp(self, to: Rounded, weight: f64) -> Rounded {
        // PyTorch's starts from the nearer end.
        let (w, rest) = (weight as f32, (1.0 - weight) as f32);
        self.to(if w < 0.5 { self.0 + w * (to.0 - self.0) } else { to.0 - (to.0 - self.0) * rest })
    }

    fn filled(self, v: f64) -> Rounded {
        Rounded(self.number(v), self.1)
    }

    fn reciprocal(self) -> Rounded {
        self.to(1.0 / self.0)
    }

    fn sqrt(self) -> Rounded {
        self.to(self.0.sqrt())
    }

    fn abs(self) -> Rounded {
        Rounded(self.0.abs(), self.1)
    }

    fn max(self, other: Rounded) -> Rounded {
        if other.0 > self.0 || other.0.is_nan() { other } else { self }
    }

    fn by_sign(self, below: Rounded, zero: Rounded, above: Rounded) -> Rounded {
        if self.0 < 0.0 {
            below
        } else if self.0 > 0.0 {
            above
        } else if self.0 == 0.0 {
            zero
        } else {
            self
        }
    }

    fn clamp(self, low: f64, high: f64) -> Rounded {
        if self.0.is_nan() { self } else { Rounded(self.0.max(self.number(low)).min(self.number(high)), self.1) }
    }
}

/// A step over numbers of the half dtype `dtype`, held in float32.
///
/// **Errors**: panics when the arrays have different lengths.
pub fn rounded<const N: usize>(dtype: DType, by: impl Formula<N>, p: &mut [f32], g: &[f32], state: [&mut [f32]; N]) {
    let n = p.len();
    assert!(g.len() == n && state.iter().all(|s| s.len() == n), "a step: arrays of different lengths");
    let (p, state) = (Part::new(p), state.map(Part::new));
    for_range(n, Grain::of(100), &(p, state), |range| {
        // SAFETY: ranges are disjoint.
        let (p, mut state) = unsafe { (p.slice(range.clone()), state.each_ref().map(|s| s.slice(range.clone()))) };
        for (i, (p, &g)) in p.iter_mut().zip(&g[range]).enumerate() {
            let of = |v: f32| Rounded(v, dtype);
            let (new, states) = by.step(of(*p), of(g), std::array::from_fn(|k| of(state[k][i])));
            *p = new.0;
            for (s, v) in state.iter_mut().zip(states) {
                s[i] = v.0;
            }
        }
    });
}
