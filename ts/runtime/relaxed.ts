// Which of the two binaries an engine can run.

/** A module whose only function uses `i8x16.relaxed_swizzle`. */
// prettier-ignore
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, // magic, version
  1, 5, 1, 96, 0, 1, 123, // type 0: () -> v128
  3, 2, 1, 0, // function 0 has type 0
  10, 15, 1, 13, 0, // its body: 13 bytes, no locals
  65, 0, 253, 15, // i32.const 0; i8x16.splat
  65, 0, 253, 15,
  253, 128, 2, 11, // i8x16.relaxed_swizzle; end
]);

/** Whether the engine has relaxed SIMD, and so fused multiply-add. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(PROBE);
}
