/** The Rust target of the WebAssembly binaries. */
export const TARGET = 'wasm32-unknown-unknown';
