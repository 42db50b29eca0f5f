/** How many calls a program has. */
export const CALLS = 40;
