// Symbols that not every engine has yet. What `using` compiles to looks for the same stand-in.

/** What Node's `util.inspect` and `console.log` ask for an object's text. */
export const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** `Symbol.dispose`, or the stand-in that compiled `using` declarations look for. */
export const dispose: typeof Symbol.dispose = (Symbol as { dispose?: typeof Symbol.dispose }).dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);
