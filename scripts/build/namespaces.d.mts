/** The declarations with an alias for every constant that stands for a namespace. */
export function aliasNamespaces(text: string): string;
/** Rewrites all declarations of a folder. */
export function aliasNamespacesIn(folder: string): void;

/** The declarations with a value beside every type that stands for a class merged with an interface. */
export function restoreMergedClasses(text: string): string;
