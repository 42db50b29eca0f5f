//! Constants of vector code, kept in memory.
//!
//! V8 since 2024 builds a `v128.const` anew at each use, with four instructions or more; a load is
//! one. LLVM turns the load of a known value back into a `v128.const` unless the load is volatile,
//! which on plain memory costs nothing but its freedom to be moved. Measured in
//! docs/decisions/0001.

use adjoint_simd::F64x2;

use crate::algebra::{Algebra, F32s, F64s};

/// One number in all lanes of a vector.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
pub(super) struct Lanes<T, const N: usize>([T; N]);

/// One f32, four times.
pub(super) type Constant = Lanes<f32, 4>;
/// One f64, twice.
pub(super) type Constant64 = Lanes<f64, 2>;

impl<T: Copy, const N: usize> Lanes<T, N> {
    pub const fn new(v: T) -> Self {
        Self([v; N])
    }

    /// One constant for each coefficient of a polynomial.
    pub const fn each<const M: usize>(values: [T; M]) -> [Self; M] {
        let mut all = [Self([values[0]; N]); M];
        let mut i = 1;
        while i < M {
            all[i] = Self::new(values[i]);
            i += 1;
        }
        all
    }

    /// The vector `V`, which has these lanes.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn load<V: Copy>(&'static self) -> V {
        const { assert!(size_of::<V>() == size_of::<Self>() && align_of::<V>() <= align_of::<Self>()) };
        // SAFETY: as many bytes, aligned, of which any are a vector; a volatile read of ordinary
        // memory is a read.
        unsafe { (&raw const self.0).cast::<V>().read_volatile() }
    }
}

impl Constant {
    /// The value in all lanes.
    #[inline(always)]
    pub fn get<const K: usize>(&'static self) -> F32s<K> {
        #[cfg(target_arch = "wasm32")]
        return F32s([self.load::<adjoint_simd::F32x4>(); K]);
        #[cfg(not(target_arch = "wasm32"))]
        F32s::splat(self.0[0])
    }
}

impl Constant64 {
    /// The value in both lanes.
    #[inline(always)]
    pub fn get(&'static self) -> F64x2 {
        #[cfg(target_arch = "wasm32")]
        return self.load::<F64x2>();
        #[cfg(not(target_arch = "wasm32"))]
        F64x2::splat(self.0[0])
    }
}

/// The constant with the value of an expression, in both lanes of an f64 vector. Bits of integers
/// are written as `f64::from_bits`.
macro_rules! k64 {
    ($value:expr) => {{
        static CONSTANT: $crate::vecmath::constants::Constant64 = $crate::vecmath::constants::Constant64::new($value);
        CONSTANT.get()
    }};
}

pub(super) use k64;

/// [`k64`] for several vectors, which share the load.
macro_rules! k64s {
    ($value:expr) => {
        $crate::vecmath::constants::in_all($crate::vecmath::constants::k64!($value))
    };
}

pub(super) use k64s;

/// As many vectors as are asked for.
#[inline(always)]
pub(super) fn in_all<const K: usize>(v: F64x2) -> F64s<K> {
    F64s([v; K])
}

/// The polynomial in f64 with the given coefficients, the highest power first, by Horner's rule.
#[inline(always)]
pub(super) fn poly64<const N: usize>(x: F64x2, coefficients: &'static [Constant64; N]) -> F64x2 {
    let mut y = coefficients[0].get();
    for c in &coefficients[1..] {
        y = y.mul_add(x, c.get());
    }
    y
}

/// The polynomial of several vectors, each constant loaded once for all. Even and odd powers are summed
/// apart: half as long a chain of steps for one product more.
#[inline(always)]
pub(super) fn polys64<const K: usize, const N: usize>(x: F64s<K>, coefficients: &'static [Constant64; N]) -> F64s<K> {
    let square = x * x;
    let (mut y, mut z) = (in_all(coefficients[0].get()), in_all(coefficients[1].get()));
    let mut i = 2;
    while i + 1 < N {
        y = y.mul_add(square, in_all(coefficients[i].get()));
        z = z.mul_add(square, in_all(coefficients[i + 1].get()));
        i += 2;
    }
    if i < N { z.mul_add(x, y.mul_add(square, in_all(coefficients[i].get()))) } else { y.mul_add(x, z) }
}

/// The constant with the value of an expression, in all lanes.
macro_rules! k {
    ($value:expr) => {{
        static CONSTANT: $crate::vecmath::constants::Constant = $crate::vecmath::constants::Constant::new($value);
        CONSTANT.get()
    }};
}

pub(super) use k;

/// The polynomial with the given coefficients, the highest power first, by Horner's rule.
#[inline(always)]
pub(super) fn poly<const K: usize, const N: usize>(x: F32s<K>, coefficients: &'static [Constant; N]) -> F32s<K> {
    let mut y = coefficients[0].get();
    for c in &coefficients[1..] {
        y = Algebra::mul_add(y, x, c.get());
    }
    y
}
