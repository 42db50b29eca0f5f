/** What the glue uses of a TextDecoder. */
export function utf8Decoder(): { decode(bytes?: Uint8Array): string };
/** What the glue uses of a TextEncoder. */
export function utf8Encoder(): { encode(text?: string): Uint8Array; encodeInto(text: string, view: Uint8Array): { read: number; written: number } };
