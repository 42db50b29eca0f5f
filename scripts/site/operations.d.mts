/** How operations are called, by public name. */
export function operations(): Record<string, { surface: string[]; tensors: string[]; others: string[] }[]>;
