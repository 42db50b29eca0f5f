// What the binary exports. The functions of crates/wasm and what Rust calls here are in generated/abi.ts.
import type { AbiExports } from '../generated/abi';

/** What the binary exports, as far as only numbers cross. */
export interface Exports extends AbiExports {
  readonly memory: WebAssembly.Memory;
  // Of the linker and the build (scripts/build/stack-check.mjs).
  readonly __stack_pointer: WebAssembly.Global;
  readonly checking_stack: WebAssembly.Global;
  readonly check_stack: () => void;
}
