/** A title for each family. */
export const TITLES: Readonly<Record<string, string>>;
/** The folders of the crate of ops that hold ops. */
export function familyFolders(): string[];
/** The part that each piece of a linked binary belongs to. */
export function partsOf<P extends { readonly name: string; readonly users: ReadonlySet<object> }>(pieces: readonly P[], families: readonly string[]): Map<P, string>;
