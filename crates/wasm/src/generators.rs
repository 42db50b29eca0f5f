//! Generators of random numbers besides the default one, which has number 0.

use crate::errors::answer;
use crate::handles::new_handle;
use crate::scratch;
use adjoint_autograd::Tensor;
use adjoint_tensor::Array;
use adjoint_tensor::rng::{self, Generator};
use wasm_bindgen::prelude::wasm_bindgen;

fn seed(high: u32, low: u32) -> u64 {
    (u64::from(high) << 32) | u64::from(low)
}

/// Makes a generator and returns its number.
#[wasm_bindgen]
pub fn generator_new(high: u32, low: u32) -> u32 {
    rng::add(Generator::new(seed(high, low)))
}

/// Makes a generator that goes on as this one does, and returns its number.
#[wasm_bindgen]
pub fn generator_clone(id: u32) -> i32 {
    answer(rng::with(id, |g| g.clone()).map(|copy| rng::add(copy) as i32))
}

/// Restarts a generator.
#[wasm_bindgen]
pub fn generator_seed(id: u32, high: u32, low: u32) -> i32 {
    answer(rng::with(id, |g| *g = Generator::new(seed(high, low))).map(|()| 0))
}

/// Gives a generator back.
#[wasm_bindgen]
pub fn generator_free(id: u32) {
    rng::remove(id);
}

/// Draws 64 random bits; both halves, the high one first, are in the scratch area.
#[wasm_bindgen]
pub fn generator_bits(id: u32) -> i32 {
    answer(rng::with(id, Generator::u64).map(|bits| {
        scratch::write_few(2, |out| {
            out.put((bits >> 32) as f64);
            out.put((bits & 0xffff_ffff) as f64);
        });
        0
    }))
}

/// The integers below `n` in random order, as an int64 tensor.
#[wasm_bindgen]
pub fn generator_permutation(id: u32, n: u32) -> i32 {
    let n = n as usize;
    answer(
        rng::with(id, |g| g.permutation(n))
            .and_then(|order| order)
            .and_then(|order| Array::from_slice(&order, &[n]))
            .and_then(|order| new_handle(Tensor::from_array(order))),
    )
}
