/** What the names of the exports begin with that say whether a function has run. */
export const RAN: string;
/** The bytes of a binary that knows which of its functions have run. */
export function instrument(bytes: Uint8Array): Uint8Array;
