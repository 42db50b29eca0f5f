//! PyTorch's CPU generator: the same seed gives the same numbers.
//!
//! The engine is MT19937 (Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998). How
//! its words become uniform, normal and integer numbers follows what PyTorch's CPU kernels do,
//! including the second method for 16 or more normal numbers and the cached second number of the
//! Box-Muller transform for fewer. `bernoulli` and `exponential` follow PyTorch on AMD and ARM; on
//! Intel it takes another generator (MKL).

mod state;

use crate::{Error, Result, scratch};
use std::cell::RefCell;
use std::f64::consts::TAU;

pub use state::STATE_BYTES;

const N: usize = 624;
const M: usize = 397;

/// The seed PyTorch starts with when none is set.
pub const DEFAULT_SEED: u64 = 67_280_421_310_721;

/// A stream of random numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    seed: u64,
    state: Box<[u32; N]>,
    next: usize,
    cached_normal: Option<f64>,
}

/// The floating dtypes random numbers are drawn in.
pub trait Float: Copy {
    /// A uniform number in [0, 1).
    fn uniform(g: &mut Generator) -> Self;
    /// Rounds from double.
    fn from_f64(v: f64) -> Self;
    /// Box-Muller on two uniforms, in the dtype's own precision: (cosine half, sine half).
    fn box_muller(u1: Self, u2: Self) -> (Self, Self);
    /// `self · scale + shift` in the dtype's own precision.
    fn scale_shift(self, scale: f64, shift: f64) -> Self;
    /// `low + self · (high − low)` with the difference in the dtype and the rest rounded once, as
    /// PyTorch's `uniform_`.
    fn stretch(self, low: f64, high: f64) -> Self;
}

impl Float for f32 {
    fn uniform(g: &mut Generator) -> f32 {
        (g.u32() & ((1 << 24) - 1)) as f32 * (1.0 / (1u32 << 24) as f32)
    }
    fn from_f64(v: f64) -> f32 {
        v as f32
    }
    fn box_muller(u1: f32, u2: f32) -> (f32, f32) {
        let radius = (-2.0 * (1.0 - u1).ln()).sqrt();
        let theta = TAU as f32 * u2;
        (radius * theta.cos(), radius * theta.sin())
    }
    fn scale_shift(self, scale: f64, shift: f64) -> f32 {
        self * scale as f32 + shift as f32
    }
    fn stretch(self, low: f64, high: f64) -> f32 {
        let (low, high) = (low as f32, high as f32);
        // 24 bits by 24 bits is exact in a double.
        (f64::from(self) * f64::from(high - low) + f64::from(low)) as f32
    }
}

impl Float for f64 {
    fn uniform(g: &mut Generator) -> f64 {
        g.uniform()
    }
    fn from_f64(v: f64) -> f64 {
        v
    }
    fn box_muller(u1: f64, u2: f64) -> (f64, f64) {
        let radius = (-2.0 * (1.0 - u1).ln()).sqrt();
        let theta = TAU * u2;
        (radius * theta.cos(), radius * theta.sin())
    }
    fn scale_shift(self, scale: f64, shift: f64) -> f64 {
        self * scale + shift
    }
    fn stretch(self, low: f64, high: f64) -> f64 {
        self.mul_add(high - low, low)
    }
}

impl Generator {
    /// A generator started as `torch.manual_seed(seed)` does; only the low 32 bits of the seed
    /// count.
    pub fn new(seed: u64) -> Self {
        let mut state = Box::new([0u32; N]);
        state[0] = seed as u32;
        for i in 1..N {
            let prev = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(prev ^ (prev >> 30)).wrapping_add(i as u32);
        }
        Generator { seed, state, next: N, cached_normal: None }
    }

    /// The seed it was started with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        let s = &mut self.state;
        for i in 0..N {
            let y = (s[i] & 0x8000_0000) | (s[(i + 1) % N] & 0x7fff_ffff);
            let twist = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            s[i] = s[(i + M) % N] ^ (y >> 1) ^ twist;
        }
        self.next = 0;
    }

    /// The next word.
    pub fn u32(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// Two words, the first in the high half.
    pub fn u64(&mut self) -> u64 {
        let high = u64::from(self.u32());
        (high << 32) | u64::from(self.u32())
    }

    /// A uniform double in [0, 1) with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.u64() & ((1 << 53) - 1)) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A standard normal double; every second one comes from a cache that outlives the call.
    #[inline(never)]
    pub fn normal(&mut self) -> f64 {
        if let Some(v) = self.cached_normal.take() {
            return v;
        }
        let u1 = self.uniform();
        let u2 = self.uniform();
        let radius = (-2.0 * (-u2).ln_1p()).sqrt();
        let theta = TAU * u1;
        self.cached_normal = Some(radius * theta.sin());
        radius * theta.cos()
    }

    /// Fills with uniform numbers in [low, high).
    #[inline(never)]
    pub fn fill_uniform<T: Float>(&mut self, out: &mut [T], low: f64, high: f64) {
        for v in out {
            *v = T::uniform(self).stretch(low, high);
        }
    }

    /// Fills with normal numbers.
    #[inline(never)]
    pub fn fill_normal<T: Float>(&mut self, out: &mut [T], mean: f64, std: f64) {
        if out.len() < 16 {
            for v in out {
                *v = T::from_f64(self.normal() * std + mean);
            }
            return;
        }
        for v in &mut *out {
            *v = T::uniform(self);
        }
        self.finish_normal(out, mean, std);
    }

    /// The same numbers for a tensor of a half dtype, before they are rounded. PyTorch draws none
    /// for a partial block here, which it would redraw.
    #[inline(never)]
    pub fn fill_normal_for_half(&mut self, out: &mut [f32], mean: f64, std: f64) {
        if out.len() < 16 {
            return self.fill_normal(out, mean, std);
        }
        for v in out.as_chunks_mut::<16>().0.as_flattened_mut() {
            *v = f32::uniform(self);
        }
        self.finish_normal(out, mean, std);
    }

    /// Turns blocks of 16 uniform numbers into normal ones.
    #[inline(never)]
    fn finish_normal<T: Float>(&mut self, out: &mut [T], mean: f64, std: f64) {
        let len = out.len();
        let blocks = len / 16;
        for block in out.chunks_exact_mut(16).take(blocks) {
            normal_block(block, mean, std);
        }
        if !len.is_multiple_of(16) {
            // PyTorch redraws the last 16 rather than treat a partial block.
            let tail = &mut out[len - 16..];
            for v in &mut *tail {
                *v = T::uniform(self);
            }
            normal_block(tail, mean, std);
        }
    }

    /// An integer in [0, range): one word, or two where the range needs more than 32 bits. `range`
    /// is not 0.
    pub fn below(&mut self, range: u64) -> u64 {
        if range >= 1 << 32 { self.u64() % range } else { u64::from(self.u32()) % range }
    }

    /// A random order of `0..n`.
    pub fn permutation(&mut self, n: usize) -> Result<Vec<i64>> {
        let mut out = scratch::collected((0..n).map(|i| i as i64))?;
        for i in 0..n.saturating_sub(1) {
            let j = i + (self.u32() as usize) % (n - i);
            out.swap(i, j);
        }
        Ok(out)
    }

    /// An exponential number with the given rate.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        -(-self.uniform()).ln_1p() / rate
    }
}

fn normal_block<T: Float>(block: &mut [T], mean: f64, std: f64) {
    for i in 0..8 {
        let (a, b) = T::box_muller(block[i], block[i + 8]);
        block[i] = a.scale_shift(std, mean);
        block[i + 8] = b.scale_shift(std, mean);
    }
}

thread_local! {
    static DEFAULT: RefCell<Generator> = RefCell::new(Generator::new(DEFAULT_SEED));
    /// Generator `id` is at `id - 1`; the default one has id 0.
    static OTHERS: RefCell<Vec<Option<Generator>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `f` with generator `id`, which must not have been given back.
pub fn with<R>(id: u32, f: impl FnOnce(&mut Generator) -> R) -> Result<R> {
    if id == 0 {
        return Ok(with_default(f));
    }
    OTHERS.with_borrow_mut(|all| match all.get_mut(id as usize - 1) {
        Some(Some(g)) => Ok(f(g)),
        _ => Err(Error::usage("the generator was disposed")),
    })
}

/// Keeps a generator beside the default one and returns its id.
pub fn add(generator: Generator) -> u32 {
    OTHERS.with_borrow_mut(|all| match all.iter().position(Option::is_none) {
        Some(free) => {
            all[free] = Some(generator);
            free as u32 + 1
        }
        None => {
            all.push(Some(generator));
            all.len() as u32
        }
    })
}

/// Gives a generator back. The default one stays.
pub fn remove(id: u32) {
    OTHERS.with_borrow_mut(|all| {
        if let Some(g) = all.get_mut((id as usize).wrapping_sub(1)) {
            *g = None;
        }
    });
}

/// Runs `f` with the generator that is used where no other is given.
pub fn with_default<R>(f: impl FnOnce(&mut Generator) -> R) -> R {
    DEFAULT.with_borrow_mut(f)
}

/// Makes the default generator free again after a call that an exception ended. It goes on where it
/// had come to.
///
/// # Safety
/// As [`unlock`](adjoint_kernels::abandoned::unlock).
pub unsafe fn unlock() {
    // SAFETY: the caller's promise.
    unsafe { adjoint_kernels::abandoned::unlock(&DEFAULT) };
}

/// Restarts the default generator, `torch.manual_seed`.
pub fn manual_seed(seed: u64) {
    with_default(|g| *g = Generator::new(seed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_by_id_are_streams_of_their_own() {
        let draw = |id| with(id, Generator::u64);
        let (a, b) = (add(Generator::new(1)), add(Generator::new(1)));
        let first = draw(a).unwrap();
        assert_ne!(draw(a).unwrap(), first);
        assert_eq!(draw(b).unwrap(), first);
        manual_seed(1);
        assert_eq!(draw(0).unwrap(), first);
        remove(a);
        remove(0);
        assert!(draw(a).is_err() && draw(999).is_err() && draw(0).is_ok());
        assert_eq!(add(Generator::new(2)), a);
    }

    #[test]
    fn the_engine_gives_the_reference_words() {
        // First outputs of the reference implementation for init_genrand(5489).
        let mut g = Generator::new(5489);
        assert_eq!([g.u32(), g.u32(), g.u32()], [3_499_211_612, 581_869_302, 3_890_346_734]);
        // The 10,000th output is fixed by the C++ standard for std::mt19937.
        let mut g = Generator::new(5489);
        let mut last = 0;
        for _ in 0..10_000 {
            last = g.u32();
        }
        assert_eq!(last, 4_123_659_995);
    }

    #[test]
    fn manual_seed_0_gives_torch_rand_and_randn() {
        let mut g = Generator::new(0);
        let mut x = [0f32; 4];
        g.fill_uniform(&mut x, 0.0, 1.0);
        assert_eq!(x, [0.496_256_6, 0.768_221_8, 0.088_477_43, 0.132_030_49]);
        let mut g = Generator::new(0);
        let mut x = [0f32; 2];
        g.fill_normal(&mut x, 0.0, 1.0);
        assert!((x[0] - 1.540_996).abs() < 2e-6 && (x[1] + 0.293_428_9).abs() < 1e-6, "{x:?}");
    }
}
