// What a helping thread does: an instance of its own on the memory of the first one, in which it runs ranges of loops.

/** What it is given. */
export interface Given {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Which one it is, from 1 on. */
  index: number;
}

/** What it says: that it helps, and that after a bug it does so no more. */
export type Said = 'helping' | 'lost';

/**
 * Helps for ever. Its text is the program of the thread where there is no file to name, so it refers to nothing
 * outside.
 */
export function help({ module, memory, index }: Given, say: (what: Said) => void): void {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    // Nothing of what runs here calls JavaScript, but making the instance does: for a table of objects, which it does not need either.
    (imports[from] ??= {})[name] = kind === 'memory' ? memory : () => 0;
  }
  const exports = new WebAssembly.Instance(module, imports).exports as unknown as {
    __wbindgen_start(stack: number): void;
    threads_starting(n: number): void;
    threads_serve(index: number): void;
    threads_lost(): void;
  };
  exports.__wbindgen_start(0);
  exports.threads_starting(-1);
  say('helping');
  try {
    exports.threads_serve(index);
  } catch {
    // The range it was in will never be done: the thread that waits for it must know at once, and it hears no messages now.
    exports.threads_lost();
    say('lost');
  }
}
