/** The mappings of a map with one segment a line: its first. */
export function byLine(mappings: string): string;
