/** The declarations with an alias for every constant that stands for a namespace. */
export function aliasNamespaces(text: string): string;
/** Rewrites all declarations of a folder. */
export function aliasNamespacesIn(folder: string): void;
