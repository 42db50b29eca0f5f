// Arguments of everything that is not an op: by position in PyTorch's order, and any of them by name in one trailing plain
// object. A callable states its parameters once, as a list of kinds; that list reads and checks every call of it.
import { describe, ours } from './describe';
import { UsageError } from './errors';
import { isOptions } from './plain-object';
import { callable, REFUSED, type Kind } from './kinds';

/** Options that may be left out where none of them is required. */
type Options<T> = [keyof T] extends [never] ? [] : object extends T ? [options?: T] : [options: T];

/**
 * The argument lists of a callable with the parameters `T`, of which `K` may be given by position, in that order; what is not
 * optional in `T` must be given, by position or by name. `Arguments<{ params: Tensor[]; lr?: number }, ['params', 'lr']>`
 * allows `(p)`, `(p, 0.1)`, `(p, { lr: 0.1 })` and `({ params: p, lr: 0.1 })`.
 */
export type Arguments<T, K extends readonly unknown[]> = K extends readonly [infer Head extends keyof T, ...infer Tail]
  ? Options<T> | [value: T[Head], ...rest: Arguments<Omit<T, Head>, Tail>]
  : Options<T>;

/** The parameters as the callee gets them: what was left out has its default. */
export type Values<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

/** Kinds by name, in PyTorch's order. */
export type Kinds<T> = { readonly [K in keyof T]-?: Kind<Exclude<T[K], undefined>> };

/** Names and kinds, the values of what is not given, and these once more, or null where something must be given. */
interface Made {
  readonly names: readonly string[];
  readonly list: readonly Kind<unknown>[];
  readonly fallbacks: Readonly<Record<string, unknown>>;
  readonly defaults: Readonly<Record<string, unknown>> | null;
}

/** The parameters of one callable. */
export class ParameterList<T extends object> {
  private made: Made | null = null;

  constructor(
    /** The callable, as errors name it. */
    readonly where: string,
    /** Gives the kinds; asked at the first call, so that a program pays for those it uses. */
    private readonly kinds: () => Kinds<T>,
    /** How many of the parameters are given by name only: PyTorch's keyword-only ones, which come last. */
    private readonly byNameOnly = 0,
  ) {}

  /** The names, in PyTorch's order. */
  get names(): readonly string[] {
    return this.make().names;
  }

  /** How many of them may be given by position. */
  get positional(): number {
    return this.names.length - this.byNameOnly;
  }

  private get list(): readonly Kind<unknown>[] {
    return this.make().list;
  }

  private make(): Made {
    if (this.made !== null) return this.made;
    const entries = Object.entries<Kind<unknown>>(this.kinds());
    const canBeEmpty = entries.every(([, kind]) => !kind.isRequired);
    const fallbacks = Object.fromEntries(entries.map(([name, kind]) => [name, kind.fallback]));
    return (this.made = {
      names: entries.map(([name]) => name),
      list: entries.map(([, kind]) => kind),
      fallbacks,
      // A copy: copying what is frozen is slow.
      defaults: canBeEmpty ? Object.freeze({ ...fallbacks }) : null,
    });
  }

  /** Whether a parameter must be given. */
  isRequired(name: string): boolean {
    return this.kindOf(name)?.isRequired === true;
  }

  /** What a parameter takes. */
  kindOf(name: string): Kind<unknown> | undefined {
    return this.list[this.names.indexOf(name)];
  }

  /** The values of the parameters in a call, checked. */
  read(args: ArrayLike<unknown>): Values<T> {
    const { defaults } = this.make();
    if (args.length === 0 && defaults !== null) return defaults as Values<T>;
    const found = this.readByPosition(args);
    if (found !== null) return found;
    const values = this.list.map(() => undefined as unknown);
    const options = this.fill(args, values);
    if (options !== null) this.fillByName(options, values);
    const out: Record<string, unknown> = {};
    for (let i = 0; i < this.list.length; i++) out[this.names[i]!] = this.check(i, values[i]);
    return out as Values<T>;
  }

  /** The same for the usual call, which gives what it gives by position; null for another, and for one that is wrong. */
  private readByPosition(args: ArrayLike<unknown>): Values<T> | null {
    const { names, list, fallbacks } = this.make();
    if (args.length > this.positional) return null;
    const out: Record<string, unknown> = { ...fallbacks };
    for (let i = 0; i < list.length; i++) {
      const kind = list[i]!;
      const given = args[i];
      if (given === undefined) {
        if (kind.isRequired) return null;
        continue;
      }
      const value = isOptions(given) ? REFUSED : kind.take(given);
      if (typeof value === 'symbol') return null;
      out[names[i]!] = value;
    }
    return out as Values<T>;
  }

  /** The values of a call in the order of the parameters, checked; errors name `where`. A list by position is given back as it is. */
  readList(args: readonly unknown[], where: string): readonly unknown[] {
    const { list } = this;
    if (args.length <= this.positional && !isOptions(args[args.length - 1])) {
      let isGood = true;
      for (let i = 0; i < list.length; i++) {
        const given = args[i];
        isGood &&= given === undefined ? !list[i]!.isRequired : typeof list[i]!.take(given) !== 'symbol';
      }
      if (isGood) return args;
    }
    return Object.values(new ParameterList(where, this.kinds, this.byNameOnly).read(args));
  }

  /** Takes what was given by position; returns the object of names, where there is one. */
  private fill(args: ArrayLike<unknown>, values: unknown[]): Record<string, unknown> | null {
    let count = args.length;
    const last = count > 0 ? args[count - 1] : undefined;
    const options = isOptions(last) && this.areNames(last, count - 1) ? last : null;
    if (options !== null) count -= 1;
    if (count > this.positional) {
      throw this.error(`${count} arguments by position are too many, there ${this.positional === 1 ? 'is one' : `are ${this.positional}`}; ${this.known()}`);
    }
    for (let i = 0; i < count; i++) {
      if (this.looksLikeNames(args[i]) && !this.list[i]!.takesObjects) throw this.error('an object of arguments by name must be the last argument');
      values[i] = args[i];
    }
    return options;
  }

  /** Whether a plain object at the end holds names, and is not itself the value of the parameter at its position. */
  private areNames(object: Record<string, unknown>, position: number): boolean {
    if (position >= this.positional || !this.list[position]!.takesObjects) return true;
    return this.list[position]!.isRequired ? Object.hasOwn(object, this.names[position]!) : this.looksLikeNames(object);
  }

  private looksLikeNames(value: unknown): boolean {
    if (!isOptions(value)) return false;
    const keys = Object.keys(value);
    return keys.length > 0 && keys.every((key) => this.names.includes(key));
  }

  private fillByName(options: Record<string, unknown>, values: unknown[]): void {
    for (const name of Object.keys(options)) {
      const i = this.names.indexOf(name);
      if (i < 0) throw this.error(`there is no argument named ${name}; ${this.known()}`, name);
      if (options[name] === undefined) continue;
      if (values[i] !== undefined) throw this.error(`argument ${name} was given by position and by name`, name);
      values[i] = options[name];
    }
  }

  private check(i: number, given: unknown): unknown {
    const kind = this.list[i]!;
    const name = this.names[i]!;
    if (given === undefined) {
      if (kind.isRequired) throw this.error(`argument ${name} is missing, it must be ${kind.expected}; ${this.known()}`, name);
      return kind.fallback;
    }
    const value = kind.take(given);
    // The only symbol a kind gives.
    if (typeof value === 'symbol') throw this.error(`${name} must be ${kind.expected}, got ${shown(given, kind)}${kind.hint}`, name);
    return value;
  }

  private known(): string {
    return this.names.length === 0 ? 'it has no arguments' : `the names are ${this.names.join(', ')}`;
  }

  private error(message: string, argument?: string): UsageError {
    return new UsageError(`${this.where}: ${message}`, this.where, argument === undefined ? {} : { argument });
  }
}

/** The parameters `T` of the callable `where`, of which the last `byNameOnly` may not be given by position. */
export function parameters<T extends object>(where: string, kinds: () => Kinds<T>, byNameOnly?: number): ParameterList<T> {
  return new ParameterList(where, kinds, byNameOnly);
}

/** A function that states its parameters. Tests find them to call it by position and by name. */
export interface Stated {
  /** @internal */
  readonly _parameters: ParameterList<object>;
}

/** The function of type `F` with these parameters: `body` gets their values by name. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the callers know the signature
export function named<F extends (...args: never[]) => unknown, T extends object>(of: ParameterList<T>, body: (values: Values<T>) => unknown): F & Stated {
  const f = (...args: unknown[]): unknown => body(of.read(args));
  return Object.defineProperty(Object.assign(f, { _parameters: of }), 'name', { value: of.where, configurable: true }) as unknown as F & Stated;
}

/** The function `f`, which reads its arguments itself by these parameters. */
export function stating<F extends object>(of: ParameterList<object>, f: F): F & Stated {
  return Object.assign(f, { _parameters: of });
}

/** The parameters of a callable that has none. */
export function nothing(where: string): ParameterList<object> {
  return new ParameterList(where, () => ({}));
}

/** The parameters of what holds while a function runs, or until its guard is disposed of. */
export function during(where: string): ParameterList<{ fn?: (() => unknown) | null }> {
  return new ParameterList<{ fn?: (() => unknown) | null }>(where, () => ({ fn: callable.orNull() }));
}

/** Whether a call gives an arrow function alone, the usual call: there is nothing to read. Classes, which have a prototype, cannot be called. */
export function isAlone(args: readonly unknown[]): args is [() => unknown] {
  return args.length === 1 && typeof args[0] === 'function' && (args[0] as { prototype?: unknown }).prototype === undefined;
}

/** Runs `fn` for `where`, until which `guard` holds, or gives the guard where there is no function. */
export function within(where: string, guard: { dispose(): void }, fn: (() => unknown) | null): unknown {
  if (fn === null) return guard;
  try {
    return ours(where, fn());
  } finally {
    guard.dispose();
  }
}

/** Has methods of a class, their names separated by spaces, refuse arguments: they have none. */
export function withoutArguments(prototype: object, names: string): void {
  for (const name of names.split(' ')) {
    const body = Reflect.get(prototype, name) as (this: unknown) => unknown;
    const none = nothing(name);
    // A method of an object literal gets its name and, as methods do, no prototype.
    const checked = {
      [name](this: unknown, ...args: unknown[]): unknown {
        if (args.length > 0) none.read(args);
        return body.call(this);
      },
    };
    Object.defineProperty(prototype, name, { value: checked[name], writable: true, configurable: true });
  }
}

/** Throws a UsageError of `where` unless `value` is of the kind. */
export function checkArgument(where: string, name: string, value: unknown, kind: Kind<unknown>): void {
  if (typeof kind.take(value) !== 'symbol') return;
  throw new UsageError(`${where}: ${name} must be ${kind.expected}, got ${shown(value, kind)}${kind.hint}`, where, { argument: name });
}

/** A value in an error message: numbers and lists of them as they are, anything else by kind; of a list, the item that is not of the kind. */
function shown(value: unknown, { items }: Kind<unknown>): string {
  if (typeof value === 'number') return String(value);
  if (isList(value) && value.length < 10 && value.every((v) => typeof v === 'number' || v === null)) return `[${value.map(String).join(', ')}]`;
  const wrong = items !== null && isList(value) ? Array.from(value).findIndex((item) => typeof items.take(item) === 'symbol') : -1;
  return wrong < 0 ? describe(value) : `${describe((value as readonly unknown[])[wrong])} at [${wrong}]`;
}

/** Whether it is an array; a revoked proxy is none. */
function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
