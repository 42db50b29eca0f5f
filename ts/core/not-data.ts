// Objects that are more than their properties say. `JSON.stringify` asks an object for its `toJSON`; `structuredClone` has no
// hook: it copies the properties of the object itself and drops all else. All one can make it say is the description of a
// symbol among these properties, which it cannot clone.

/** The value of a property that makes `structuredClone` of its object an error which says `what` it is and what to do instead. */
export function notCloned(what: string, instead: string): symbol {
  return Symbol(`${what}; ${instead} instead:`);
}
