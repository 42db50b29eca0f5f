// The names that state has outside the program: PyTorch's, where a built-in class says so; what a user has named stays as it is.

/** Where a prototype keeps the outside names of its properties. */
const KEYS = Symbol('state keys');

/** `weightIhL0` as PyTorch writes it: `weight_ih_l0`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The name in camelCase, which both ways of writing it have in common: `layer_1`, too, is `layer1`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Declares that instances of `of` save these properties under PyTorch's names for them. */
export function declareKeys(of: { readonly prototype: object }, names: readonly string[]): void {
  const prototype = of.prototype as { [KEYS]?: Map<string, string> };
  // Those of a base class are its own. Names are added in place: stacks of recurrent layers declare some for each layer.
  const keys = Object.hasOwn(prototype, KEYS) ? prototype[KEYS]! : new Map(prototype[KEYS] ?? []);
  for (const name of names) keys.set(name, snakeCase(name));
  prototype[KEYS] = keys;
}

/** The name under which `owner` saves the property `name`. */
export function keyOf(owner: object, name: string): string {
  return (owner as { [KEYS]?: ReadonlyMap<string, string> })[KEYS]?.get(name) ?? name;
}

/** The property that `owner` saves under `key`. */
export function nameOf(owner: object, key: string): string {
  for (const [name, own] of (owner as { [KEYS]?: ReadonlyMap<string, string> })[KEYS] ?? []) if (own === key) return name;
  return key;
}
