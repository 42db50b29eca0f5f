//! Facts and values of tensors, for JavaScript to read; and tensors made of values JavaScript
//! writes.

use crate::abi::{flag, item as words, meta as word, number};
use crate::errors::{answer, fail};
use crate::handles::{new_handle, tensor};
use crate::scratch::{self, Words};
use adjoint_autograd::Tensor;
use adjoint_graph::{capture, lazy};
use adjoint_tensor::array::checked_shape;
use adjoint_tensor::{Array, DType, Error, Result, Scalar};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// The copy [`read_ptr`] gave a pointer into; it lives until the next one.
    static PARKED: RefCell<Option<Array>> = const { RefCell::new(None) };
}

/// Makes it free again after a call that an exception ended.
///
/// # Safety
/// As [`unlock`](adjoint_kernels::abandoned::unlock).
pub unsafe fn unlock() {
    // SAFETY: the caller's promise.
    unsafe { adjoint_kernels::abandoned::unlock(&PARKED) };
}

fn flags(t: &Tensor) -> i32 {
    let facts = [
        (t.requires_grad(), flag::REQUIRES_GRAD),
        (t.is_leaf(), flag::LEAF),
        (t.array().layout().is_contiguous(), flag::CONTIGUOUS),
        (t.visible_base().is_some(), flag::VIEW),
        (t.is_inference(), flag::INFERENCE),
        (t.retains_grad(), flag::RETAINS_GRAD),
    ];
    facts.iter().filter(|(on, _)| *on).map(|(_, bit)| bit).sum()
}

/// Writes what is known of a tensor to the scratch area, see [`crate::abi::meta`].
#[wasm_bindgen]
pub fn meta(h: i32) -> i32 {
    let t = match tensor(h) {
        Ok(t) => t,
        Err(e) => return fail(e),
    };
    capture::note_shape(&t);
    let array = t.array();
    scratch::write_few(word::SHAPE as usize + 2 * array.rank(), |out| {
        out.put_at(word::DTYPE, f64::from(t.dtype() as u8));
        out.put_at(word::FLAGS, f64::from(flags(&t)));
        out.put_at(word::NUMEL, t.numel() as f64);
        out.put_at(word::RANK, array.rank() as f64);
        out.put_at(word::OFFSET, array.layout().offset as f64);
        out.put_at(word::VERSION, f64::from(t.version()));
        let sizes = array.shape().iter().map(|&n| n as f64);
        let all = sizes.chain(array.strides().iter().map(|&n| n as f64));
        all.zip(word::SHAPE..).for_each(|(n, at)| out.put_at(at, n));
    });
    0
}

/// The flags alone, see [`crate::abi::flag`].
#[wasm_bindgen]
pub fn flags_of(h: i32) -> i32 {
    capture::note_facts("requires_grad");
    capture::note_requires_grad("requires_grad");
    answer(tensor(h).map(|t| flags(&t)))
}

/// A new tensor whose shape is the first `rank` doubles of the scratch area, for JavaScript to fill
/// through [`data_ptr`].
#[wasm_bindgen]
pub fn new_empty(dtype: u8, rank: usize) -> i32 {
    let shape: Vec<i64> = scratch::read(rank, |area| {
        let mut words = Words::new(area);
        (0..rank).map(|_| words.take() as i64).collect()
    });
    answer(DType::from_code(dtype).ok_or_else(|| Error::usage(format!("there is no dtype {dtype}"))).and_then(
        |dtype| {
            let array = Array::empty(&checked_shape(&shape)?, dtype)?;
            new_handle(Tensor::from_array(array))
        },
    ))
}

/// The address of the first element of a contiguous tensor; 0 where `h` names none. What was put off
/// is not there yet.
#[wasm_bindgen]
pub fn data_ptr(h: i32) -> *const u8 {
    tensor(h).map_or(std::ptr::null(), |t| t.array().address())
}

/// The address of the elements in row-major order, cast to `dtype` unless that is negative; 0 on
/// failure. A copy, where one is needed, lives until the next call of this function.
#[wasm_bindgen]
pub fn read_ptr(h: i32, dtype: i32) -> *const u8 {
    match readable(h, dtype) {
        Ok(array) => {
            let pointer = array.as_ptr();
            let before = PARKED.replace(Some(array));
            drop(before);
            pointer
        }
        Err(e) => {
            fail(e);
            std::ptr::null()
        }
    }
}

fn readable(h: i32, dtype: i32) -> Result<Array> {
    let t = tensor(h)?;
    lazy::ready(&t)?;
    if t.array().is_batched() {
        return Err(Error::usage(
            "cannot read the values of a tensor inside vmap, where each sample has its own; do it outside",
        ));
    }
    match u8::try_from(dtype).ok().and_then(DType::from_code) {
        Some(dtype) => t.array().cast(dtype)?.contiguous(),
        None => t.array().contiguous(),
    }
}

/// Drops what [`read_ptr`] keeps.
#[wasm_bindgen]
pub fn unpark() {
    let before = PARKED.take();
    drop(before);
}

/// Writes the value of a one-element tensor to the scratch area, see [`crate::abi::item`], and
/// returns which number it is, see [`crate::abi::number`].
#[wasm_bindgen]
pub fn item(h: i32) -> i32 {
    let value = |t: Tensor| {
        lazy::ready(&t)?;
        t.array().item()
    };
    answer(tensor(h).and_then(value).map_err(|e| e.in_op("item")).map(|value| {
        scratch::write_few(words::COUNT as usize, |out| {
            let bits = value.to_i64();
            out.put_at(words::VALUE, value.to_f64());
            out.put_at(words::HIGH, (bits >> 32) as f64);
            out.put_at(words::LOW, f64::from(bits as u32));
        });
        match value {
            Scalar::Int(_) => number::BY_VALUE,
            Scalar::Float(_) => number::FLOATING,
            Scalar::Bool(_) => number::BOOL,
        }
    }))
}
