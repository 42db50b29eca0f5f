// Namespaces in namespaces, in the rolled-up declarations. The roll-up makes constants of them (`declare const index_swaUtils: typeof
// swaUtils`), which have values and no types: `optim.lrScheduler.StepLR` could not be written as a type. An alias has both.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The declarations with an alias for every constant that stands for a namespace. */
export function aliasNamespaces(text) {
  const namespaces = new Set([...text.matchAll(/^declare namespace ([\w$]+)/gm)].map(([, name]) => name));
  return text.replace(/^declare const ([\w$]+): typeof ([\w$]+);$/gm, (line, alias, name) => (namespaces.has(name) ? `import ${alias} = ${name};` : line));
}

/** Rewrites all declarations of a folder. */
export function aliasNamespacesIn(folder) {
  for (const name of readdirSync(folder).filter((file) => /\.d\.c?ts$/.test(file))) {
    const file = join(folder, name);
    writeFileSync(file, aliasNamespaces(readFileSync(file, 'utf8')));
  }
}
