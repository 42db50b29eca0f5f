export const LAYERS: readonly string[];
export const TYPES_UPWARD: readonly string[];
export function heightOf(file: string): number | undefined;
export function mayImport(from: string, to: string, isType: boolean): boolean;
