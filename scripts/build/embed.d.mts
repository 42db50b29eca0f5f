/** The letters of the text. */
export const LETTERS: readonly string[];
/** A binary as text for a JavaScript file; ts/runtime/embedded.ts reads it back. */
export function embed(bytes: Uint8Array): string;

/** The bytes compressed, as text. */
export function pack(bytes: Uint8Array): string;
