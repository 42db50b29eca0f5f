//! Generators of random numbers besides the default one, which has number 0.

use crate::errors::answer;
use crate::handles::new_handle;
use crate::scratch;
use adjoint_autograd::Tensor;
use adjoint_tensor::rng::{self, Generator};
use adjoint_tensor::{Array, Error, Result};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// Generator `n` is at `n - 1`.
    static GENERATORS: RefCell<Vec<Option<Generator>>> = const { RefCell::new(Vec::new()) };
}

fn with<R>(id: u32, f: impl FnOnce(&mut Generator) -> R) -> Result<R> {
    if id == 0 {
        return Ok(rng::with_default(f));
    }
    GENERATORS.with_borrow_mut(|all| match all.get_mut(id as usize - 1) {
        Some(Some(g)) => Ok(f(g)),
        _ => Err(Error::usage("the generator is gone")),
    })
}

fn seed(high: u32, low: u32) -> u64 {
    (u64::from(high) << 32) | u64::from(low)
}

/// Makes a generator and returns its number.
#[wasm_bindgen]
pub fn generator_new(high: u32, low: u32) -> u32 {
    GENERATORS.with_borrow_mut(|all| {
        let made = Some(Generator::new(seed(high, low)));
        match all.iter().position(Option::is_none) {
            Some(free) => {
                all[free] = made;
                free as u32 + 1
            }
            None => {
                all.push(made);
                all.len() as u32
            }
        }
    })
}

/// Restarts a generator.
#[wasm_bindgen]
pub fn generator_seed(id: u32, high: u32, low: u32) -> i32 {
    answer(with(id, |g| *g = Generator::new(seed(high, low))).map(|()| 0))
}

/// Gives a generator back.
#[wasm_bindgen]
pub fn generator_free(id: u32) {
    GENERATORS.with_borrow_mut(|all| {
        if let Some(g) = all.get_mut((id as usize).wrapping_sub(1)) {
            *g = None;
        }
    });
}

/// Draws 64 random bits; both halves, the high one first, are in the scratch area.
#[wasm_bindgen]
pub fn generator_bits(id: u32) -> i32 {
    answer(with(id, Generator::u64).map(|bits| {
        scratch::write(2, |out| {
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
        with(id, |g| g.permutation(n))
            .and_then(|order| Array::from_slice(&order, &[n]))
            .and_then(|order| new_handle(Tensor::from_array(order))),
    )
}
