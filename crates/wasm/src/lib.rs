#![doc = include_str!("../README.md")]
//! # Modules
//!
//! | module | duty |
//! |---|---|
//! | [`abi`], `boundary` | what both sides must agree on, and the check that it is so |
//! | [`handles`], [`slots`] | numbers for tensors, nodes and scopes |
//! | [`new_handles`] | several handles at once |
//! | [`scratch`] | the area both sides read and write |
//! | [`arguments`], [`decode`], [`describe`] | from what was given to what an op takes, or why it does not fit |
//! | `older` | parameters PyTorch keeps for older programs |
//! | [`dispatch_table`] | overloads and shortcuts by op id |
//! | [`call`] | calling ops |
//! | [`read`] | facts and values of tensors |
//! | [`lifetime`] | giving handles back, counting |
//! | [`autograd`] | gradients, modes, nodes |
//! | [`capture`], [`lowered`] | captured functions, as they are and in functional form |
//! | `numbered` | records by number |
//! | [`profile`] | profiles |
//! | [`generators`] | streams of random numbers |
//! | [`callbacks`], [`custom`] | calls into JavaScript; functions of the user's in the graph |
//! | [`forward_mode`] | dual tensors and function transforms |
//! | [`checkpoint`] | functions that run again |
//! | [`graph`] | graphs as data |
//! | [`abandoned`] | going on after a call that never came to its end |
//! | [`rng_state`] | where the random numbers are |
//! | `threads` | the threads that loops are spread over, in the binaries that have them |
//! | [`errors`] | how an error crosses |

pub mod abandoned;
#[macro_use]
pub mod abi;
pub mod arguments;
pub mod autograd;
mod boundary;
pub mod call;
pub mod callbacks;
pub mod capture;
pub mod checkpoint;
pub mod custom;
pub mod decode;
pub mod describe;
pub mod dispatch_table;
pub mod errors;
pub mod forward_mode;
pub mod generators;
pub mod graph;
pub mod handles;
pub mod lifetime;
pub mod lowered;
pub mod new_handles;
pub mod nodes;
mod numbered;
mod older;
pub mod profile;
pub mod read;
pub mod rng_state;
pub mod scratch;
pub mod slots;
#[cfg(target_feature = "atomics")]
pub mod threads;

#[cfg(target_arch = "wasm32")]
use adjoint_tensor::allocator::PoolAllocator;
use wasm_bindgen::prelude::wasm_bindgen;

/// Every allocation of the instance, from nodes to storages.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: PoolAllocator = PoolAllocator::new();

/// What `make` gives, which is kept for the life of the instance: see [`adjoint_tensor::allocator`].
pub(crate) fn lasting<R>(make: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "wasm32")]
    return ALLOCATOR.lasting(make);
    #[cfg(not(target_arch = "wasm32"))]
    make()
}

/// Runs when the instance is made; those of helping threads (module `threads`) find all done.
#[wasm_bindgen(start)]
pub fn start() {
    #[cfg(target_feature = "atomics")]
    if !threads::is_first() {
        return;
    }
    adjoint_ops::install();
}
