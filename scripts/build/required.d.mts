/** An ES module without imports as a CommonJS one, line by line what it was. */
export function asRequired(text: string, map: string): string;
