/** An ES module without imports as a CommonJS one, line by line what it was. */
export function asRequired(text: string, map: string): string;

/** An ES module that takes what it imports from the files for `require`, by the list of them in `shared.cjs`. */
export function fromRequired(text: string): string;
