//! The state of the default generator of random numbers, as a tensor of bytes.

use crate::errors::answer;
use crate::handles::{new_handle, tensor};
use adjoint_autograd::Tensor;
use adjoint_graph::lazy;
use adjoint_tensor::rng::{self, Generator, STATE_BYTES};
use adjoint_tensor::{Array, DType, Error, Result};
use wasm_bindgen::prelude::wasm_bindgen;

/// The state, `torch.get_rng_state()`.
#[wasm_bindgen]
pub fn rng_state() -> i32 {
    let bytes = rng::with_default(|g| g.to_bytes());
    answer(Array::from_slice(&bytes, &[bytes.len()]).and_then(|a| new_handle(Tensor::from_array(a))))
}

/// Goes on from a state, `torch.set_rng_state()`.
#[wasm_bindgen]
pub fn set_rng_state(h: i32) -> i32 {
    answer(set(h).map_err(|e| e.in_op("set_rng_state")).map(|()| 0))
}

fn set(h: i32) -> Result<()> {
    let t = tensor(h)?;
    if t.dtype() != DType::UInt8 {
        return Err(Error::dtype(format!("the state must be a uint8 tensor, got {}", t.dtype().name())));
    }
    if t.numel() != STATE_BYTES {
        return Err(Error::usage(format!("a generator's state has {STATE_BYTES} bytes, got {}", t.numel())));
    }
    lazy::ready(&t)?;
    let bytes: Vec<u8> = t.array().to_vec_i64()?.into_iter().map(|v| v as u8).collect();
    let generator = Generator::from_bytes(&bytes)?;
    rng::with_default(|g| *g = generator);
    Ok(())
}
