/** The folder of such ops. */
export const family: string;

/** The text of the op's file. */
export function file(name: string, formula: string): string;
