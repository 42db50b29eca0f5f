/** The functions of formulas, with the number of their operands. */
export function primitives(): Map<string, number>;
