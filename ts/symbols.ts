// Symbols that not every engine has yet. What `using` compiles to looks for the same stand-in.

/** `Symbol.dispose`, or the stand-in that compiled `using` declarations look for. */
export const dispose: typeof Symbol.dispose = (Symbol as { dispose?: typeof Symbol.dispose }).dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);
