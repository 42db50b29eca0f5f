// What parameters take: the one way to check arguments. Each kind says in words what it expects and gives the value as the
// callee gets it. Kinds of tensors are in tensor-kinds.ts.
import { codeOf, isCpu, type Device, type DType } from './dtype';
import { isOptions, isReadable } from './plain-object';

/** What a kind gives for a value that is not of it. */
export const REFUSED: unique symbol = Symbol('refused');

/** That a parameter must be given. */
const REQUIRED: unique symbol = Symbol('required');

/** What a parameter takes, and what it is where nothing was given. */
export class Kind<T> {
  constructor(
    /** What is expected, in words that follow "must be". */
    readonly expected: string,
    /** The value as the callee gets it, or REFUSED. */
    private readonly convert: (value: unknown) => unknown,
    private readonly otherwise: T | typeof REQUIRED = REQUIRED,
    /** Whether plain objects are values of it, which by position are then not taken for names. */
    readonly takesObjects = false,
    /** What it takes an array of. */
    readonly items: Kind<unknown> | null = null,
    /** What an error says at its end. */
    readonly hint = '',
  ) {}

  /** The value as the callee gets it, or REFUSED: also of what throws when it is looked at, as a revoked proxy does. */
  take(value: unknown): unknown {
    try {
      return this.convert(value);
    } catch (error) {
      // Errors of another kind are of a program's own iterator or getter.
      if (error instanceof TypeError) return REFUSED;
      throw error;
    }
  }

  /** Whether an argument must be given. */
  get isRequired(): boolean {
    return this.otherwise === REQUIRED;
  }

  /** What the parameter is where nothing was given. */
  get fallback(): T | undefined {
    return this.otherwise === REQUIRED ? undefined : this.otherwise;
  }

  /** The same for a parameter that may be left out, and is then `value`. */
  or(value: T): Kind<T> {
    return new Kind<T>(this.expected, this.convert, value, this.takesObjects, this.items, this.hint);
  }

  /** The same or null, which is also what the parameter is where nothing was given. */
  orNull(): Kind<T | null> {
    return new Kind<T | null>(`${this.expected} or null`, (value) => (value === null ? null : this.convert(value)), null, this.takesObjects, this.items, this.hint);
  }

  /** The same, and null stands for the default, as PyTorch's None does for dtypes. */
  orNullFor(value: T): Kind<T> {
    return new Kind<T>(`${this.expected} or null`, (given) => (given === null ? value : this.convert(given)), value, this.takesObjects, this.items, this.hint);
  }
}

/** The values for which `is` holds. */
export function kind<T>(expected: string, is: (value: unknown) => boolean): Kind<T> {
  return new Kind<T>(expected, (value) => (is(value) ? value : REFUSED));
}

/** Anything at all; the callee looks at it itself. It goes with a parameter of any type, as the other kinds of `never` do. */
export const anything = /* @__PURE__ */ kind<never>('given', isReadable);

/** Anything, plain objects by position too. */
export const anyObject = /* @__PURE__ */ new Kind<never>('an object', (value) => (isReadable(value) ? value : REFUSED), REQUIRED, true);

/** An object made of named parts. */
export const record = /* @__PURE__ */ new Kind<Record<string, unknown>>('an object', (value) => (isOptions(value) ? value : REFUSED), REQUIRED, true);

/** Whether it is a class, which cannot be called: its prototype cannot be replaced. */
const isClass = (value: object): boolean => Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false;

export const boolean = /* @__PURE__ */ kind<boolean>('true or false', (value) => typeof value === 'boolean');
export const number = /* @__PURE__ */ kind<number>('a number', (value) => typeof value === 'number');
export const integer = /* @__PURE__ */ kind<number>('an integer', (value) => Number.isSafeInteger(value));
export const text = /* @__PURE__ */ kind<string>('a string', (value) => typeof value === 'string');
export const callable = /* @__PURE__ */ kind<never>('a function', (value) => typeof value === 'function' && !isClass(value));
export const dtype = /* @__PURE__ */ kind<DType>('the name of a dtype', (value) => codeOf(value) !== undefined);

/** An integer of at least `least`. */
export function integerFrom(least: number): Kind<number> {
  return kind(`an integer of at least ${least}`, (value) => Number.isSafeInteger(value) && (value as number) >= least);
}

/** A finite number of at least `least`. */
export function numberFrom(least: number): Kind<number> {
  return kind(`a number of at least ${least}`, (value) => typeof value === 'number' && value >= least && value < Infinity);
}

/** An array of values of one kind; `expected` goes on with "a list of". */
export function list<T>(expected: string, of: Kind<T>): Kind<readonly T[]> {
  // Array.from sees holes too.
  const are = (value: unknown): boolean => Array.isArray(value) && Array.from(value).every((item) => typeof of.take(item) !== 'symbol');
  return new Kind<readonly T[]>(`a list of ${expected}`, (value) => (are(value) ? value : REFUSED), REQUIRED, false, of);
}

/** A number, or a list of numbers. */
export const numbers = /* @__PURE__ */ kind<number | readonly number[]>(
  'a number or a list of numbers',
  (value) => typeof value === 'number' || (Array.isArray(value) && value.every((v) => typeof v === 'number')),
);

/** One of these words, as PyTorch writes it or in camelCase; the callee gets it in the form listed here. */
export function word<W extends string>(...words: readonly W[]): Kind<W> {
  return new Kind<W>(oneOf(words), (value) => {
    if (words.includes(value as W)) return value;
    const spelt = camelCase(value);
    return words.find((w) => w === spelt) ?? REFUSED;
  });
}

/** Just these values: of what PyTorch can do, only this is there, or nothing else makes sense here. */
export function only<V extends string | number | boolean | null>(...values: readonly V[]): Kind<V> {
  return kind<V>(oneOf(values), (value) => values.includes(value as V)).or(values[0]!);
}

/** An instance of a class; `name` goes with an article, "a generator". */
export function instanceOf<T>(name: string, of: () => { readonly prototype: T }): Kind<T> {
  return kind(name, (value) => value instanceof (of() as unknown as new () => T));
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.map((v) => (typeof v === 'string' ? `'${v}'` : String(v)));
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)!}`;
}

function camelCase(name: unknown): unknown {
  return typeof name === 'string' ? name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()) : name;
}

/** PyTorch's `device`: the one there is. */
export const device = (): Kind<Device | null> =>
  new Kind<Device | null>("'cpu'", (value) => (value === null || isCpu(value) ? value : REFUSED), null, false, null, ON_CPU);

/** Why there is no other device. */
const ON_CPU = '; Adjoint computes on the CPU';

/** What PyTorch's optimizers and utilities take to choose among ways of computing the same, of which there is one here. */
export const anyWay = (): Kind<boolean | null> => boolean.orNull();
