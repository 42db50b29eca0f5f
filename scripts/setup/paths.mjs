// Where things live. Everything the set-up makes is inside the repository and ignored by git.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Tools built or assembled by the set-up. */
export const tools = join(root, '.tools');

/** Joins path segments to the repository's root. */
export const inRoot = (...segments) => join(root, ...segments);

/** Reads a text file of the repository. */
export const readText = (...segments) => readFileSync(inRoot(...segments), 'utf8');
