export const CHAIN: number;
export const SIDE: number;
export const VOCABULARY: number;
export const CONTEXT: number;
export const WIDTH: number;
export const HEADS: number;
export function products<T>(product: (...shape: readonly [number, number, number] | readonly [number, number, number, number]) => T): Record<string, T>;
