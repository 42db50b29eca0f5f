// What the declarations of the package say, as data: every callable with its parameters.

/** A type of the declarations. Numbers are indices into `Signatures.kinds`, so recursive types end. */
export type Kind =
  | { readonly is: 'tensor' | 'number' | 'bigint' | 'boolean' | 'string' | 'null' | 'undefined' | 'any' | 'iterable' }
  | { readonly is: 'literal'; readonly value: string | number | boolean }
  | { readonly is: 'array' | 'record'; readonly of: number }
  | { readonly is: 'tuple' | 'union'; readonly of: readonly number[] }
  | { readonly is: 'object'; readonly members: readonly Parameter[] }
  | { readonly is: 'function'; readonly parameters: number }
  | { readonly is: 'class'; readonly name: string };

/** A parameter of a call or a member of an options object. */
export interface Parameter {
  readonly name: string;
  readonly kind: number;
  readonly optional: boolean;
  readonly rest: boolean;
}

/** Something to call: a function, a constructor, or a method or accessor of the instances of a class. */
export interface Callable {
  /** Where it is found in the package; for members the name of the member alone. */
  readonly path: string;
  readonly how: 'call' | 'new' | 'method' | 'get' | 'set';
  /** The path of the class whose instances have it. */
  readonly of: string;
  readonly overloads: readonly (readonly Parameter[])[];
}

/** Everything callable. */
export interface Signatures {
  readonly kinds: readonly Kind[];
  readonly callables: readonly Callable[];
  /** Where the package has instances of its own, by the path of their class. */
  readonly constants: Readonly<Record<string, readonly string[]>>;
}
