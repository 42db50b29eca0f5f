// Namespaces in the rolled-up declarations. Of namespaces in namespaces the roll-up makes constants (`declare const index_swaUtils: typeof
// swaUtils`), which have values and no types: `optim.lrScheduler.StepLR` could not be written as a type. An alias has both. Of a class that
// is merged with an interface, such as `nn.Module`, it makes a type without a value, from which no class could derive: it gets its value back.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError } from '../setup/log.mjs';

/** The declarations with an alias for every constant that stands for a namespace. */
export function aliasNamespaces(text) {
  const namespaces = new Set([...text.matchAll(/^declare namespace ([\w$]+)/gm)].map(([, name]) => name));
  return text.replace(/^declare const ([\w$]+): typeof ([\w$]+);$/gm, (line, alias, name) => (namespaces.has(name) ? `import ${alias} = ${name};` : line));
}

/** The declarations with a value beside every type that stands for a class merged with an interface. */
export function restoreMergedClasses(text) {
  const interfaces = new Set([...text.matchAll(/^(?:declare |export )*interface ([\w$]+)/gm)].map(([, name]) => name));
  const classes = [...text.matchAll(/^(?:declare |export )*(?:abstract )?class ([\w$]+)/gm)].map(([, name]) => name);
  const merged = new Set(classes.filter((name) => interfaces.has(name)));
  const restored = new Set();
  const withValues = text.replace(/^type ([\w$]+) = ([\w$]+);$/gm, (line, alias, name) => {
    if (!merged.has(name)) return line;
    restored.add(alias);
    return `${line}\ndeclare const ${alias}: typeof ${name};`;
  });
  // Only in lists of what a namespace exports.
  return withValues.replace(/\btype ([\w$]+) as /g, (words, alias) => (restored.has(alias) ? `${alias} as ` : words));
}

/**
 * Has the declarations that entries share stand there once: ES modules may import those of CommonJS, but not the other way round, and
 * then a class is the same type for both.
 */
export function shareDeclarationsIn(folder) {
  for (const name of readdirSync(folder).filter((file) => /^index-[\w-]+\.d\.ts$/.test(file))) {
    const [own, other] = [join(folder, name), join(folder, name.replace(/\.ts$/, '.cts'))];
    if (readFileSync(own, 'utf8') !== readFileSync(other, 'utf8')) throw new SetupError(`${name} and its CommonJS form differ; adapt scripts/build/namespaces.mjs`);
    writeFileSync(own, `export * from './${basename(name, '.d.ts')}.cjs';\n`);
  }
}

/** Rewrites all declarations of a folder. */
export function aliasNamespacesIn(folder) {
  for (const name of readdirSync(folder).filter((file) => /\.d\.c?ts$/.test(file))) {
    const file = join(folder, name);
    writeFileSync(file, restoreMergedClasses(aliasNamespaces(readFileSync(file, 'utf8'))));
  }
}
