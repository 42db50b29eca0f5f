/** Flags that an old Node needs for relaxed SIMD. */
export const ENGINE_FLAGS: readonly string[];
