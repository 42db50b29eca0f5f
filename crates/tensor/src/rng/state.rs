//! A generator's state as bytes, laid out as `torch.get_rng_state()` lays it out on little-endian
//! machines.
//!
//! That is PyTorch's struct `CPUGeneratorImplState` (aten/src/ATen/CPUGeneratorImpl.cpp): seed, how
//! many words are left before the next refill, whether it was seeded, the next word's index, 624
//! words in 64 bits each, then the cached normal numbers. PyTorch caches a float32 normal apart
//! from the double one only in code that is no longer used.

use super::{Generator, N};
use crate::{Error, Result};

/// The size of the state in bytes.
pub const STATE_BYTES: usize = 5056;

const SEED: usize = 0;
const LEFT: usize = 8;
const SEEDED: usize = 12;
const NEXT: usize = 16;
const WORDS: usize = 24;
const NORMAL: usize = WORDS + 8 * N + 8;
const NORMAL_IS_VALID: usize = WORDS + 8 * N + 24;

impl Generator {
    /// The state, to go on from here later.
    #[allow(clippy::disallowed_methods, reason = "a state is of one size")]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; STATE_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(SEED, &self.seed.to_le_bytes());
        // One is left where the next draw refills; PyTorch starts so, with index 0.
        let left = if self.next == N { 1 } else { N as i32 + 1 - self.next as i32 };
        put(LEFT, &left.to_le_bytes());
        put(SEEDED, &1i32.to_le_bytes());
        put(NEXT, &(self.next as u64).to_le_bytes());
        for (i, &word) in self.state.iter().enumerate() {
            put(WORDS + 8 * i, &u64::from(word).to_le_bytes());
        }
        if let Some(normal) = self.cached_normal {
            put(NORMAL, &normal.to_le_bytes());
            put(NORMAL_IS_VALID, &1i32.to_le_bytes());
        }
        bytes
    }

    /// The generator a state is that of.
    ///
    /// # Errors
    /// The size is not [`STATE_BYTES`]; the indices are impossible.
    pub fn from_bytes(bytes: &[u8]) -> Result<Generator> {
        if bytes.len() != STATE_BYTES {
            return Err(Error::usage(format!("a generator's state has {STATE_BYTES} bytes, got {}", bytes.len())));
        }
        let eight = |at: usize| -> [u8; 8] { std::array::from_fn(|i| bytes[at + i]) };
        let four = |at: usize| i32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let (left, next) = (four(LEFT), u64::from_le_bytes(eight(NEXT)));
        if left < 1 || left > N as i32 || next > N as u64 || four(SEEDED) != 1 {
            return Err(Error::usage("the bytes are not the state of a generator"));
        }
        let mut state = Box::new([0u32; N]);
        for (i, word) in state.iter_mut().enumerate() {
            *word = u64::from_le_bytes(eight(WORDS + 8 * i)) as u32;
        }
        Ok(Generator {
            seed: u64::from_le_bytes(eight(SEED)),
            state,
            next: if left == 1 { N } else { N + 1 - left as usize },
            cached_normal: (four(NORMAL_IS_VALID) != 0).then(|| f64::from_le_bytes(eight(NORMAL))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generator_goes_on_from_its_state() {
        for draws in [0, 1, 623, 624, 625, 1247, 1248] {
            let mut g = Generator::new(7);
            for _ in 0..draws {
                g.u32();
            }
            g.normal();
            let mut again = Generator::from_bytes(&g.to_bytes()).unwrap();
            assert_eq!(again.normal().to_bits(), g.normal().to_bits());
            for _ in 0..700 {
                assert_eq!(again.u32(), g.u32(), "after {draws} draws");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_state_are_refused() {
        assert!(Generator::from_bytes(&[0; 12]).is_err());
        assert!(Generator::from_bytes(&[0; STATE_BYTES]).is_err());
    }
}
