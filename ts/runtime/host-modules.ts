// Modules of Node's, which Deno and Bun have too. They are asked for by name at run time: an import would break the bundles of pages.

interface Host {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

/** Whether the host can be asked for its modules: Node from 20.16 on, Deno and Bun. */
export function hasModules(): boolean {
  return (globalThis as Host).process?.getBuiltinModule !== undefined;
}

/** The host's module `node:name`; null where it has none, or cannot be asked. */
export function hostModule(name: string): unknown {
  return (globalThis as Host).process?.getBuiltinModule?.(`node:${name}`) ?? null;
}
