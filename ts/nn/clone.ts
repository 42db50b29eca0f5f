// Copies of modules that share nothing with the original: PyTorch's `copy.deepcopy(module)`.
import { noGrad } from '../autograd/autograd';
import { describe } from '../core/describe';
import { AutogradError, UsageError } from '../core/errors';
import { isObject, isOptions, isReadable } from '../core/plain-object';
import { keep } from '../runtime/scope';
import { Generator } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { withoutFields } from './fields';
import { MemberOwner, copyMembers, plainProperties } from './members';
import { Parameter } from './parameter';

/** What a class that clones itself overrides. */
interface Cloneable {
  readonly clone: (this: MemberOwner) => unknown;
}

/** What the text of a class shows of private members: uses of them, and the helpers of compilers that replace them. */
const USED = /(?:\.\s*#([\p{ID_Start}$_][\p{ID_Continue}$]*)|__privateAdd|[cC]lassPrivate(?:Field|Method))/gu;
/** Those of the class itself, which all its instances share. */
const STATIC = /\bstatic\s+(?:async\s+|get\s+|set\s+|\*\s*)*#([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu;
const COMMENTS_AND_TEXTS = /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** The first private member of an instance that the text of a class uses, or null. */
function privateMemberOf(text: string): string | null {
  const code = text.replace(COMMENTS_AND_TEXTS, '""');
  const shared = new Set(Array.from(code.matchAll(STATIC), ([, name]) => name));
  for (const [found, name] of code.matchAll(USED)) if (name === undefined || !shared.has(name)) return name === undefined ? found : `#${name}`;
  return null;
}

/** Classes that were looked at, with what was found. */
const privateMembers = new WeakMap<object, string | null>();

/**
 * Throws for an instance of a class with `#private` members: only its constructor makes those, and no other code sees them, so a
 * copy would fail at its first use. Nothing says that a class has them but its text. What `base` has is known.
 */
function refusePrivate(from: object, base: unknown): void {
  for (let type: unknown = from.constructor; type !== base && typeof type === 'function' && type !== Function.prototype; type = Object.getPrototypeOf(type)) {
    let name = privateMembers.get(type);
    if (name === undefined) privateMembers.set(type, (name = privateMemberOf(Function.prototype.toString.call(type))));
    if (name === null) continue;
    throw new UsageError(
      `clone: ${type.name} has private members (${name}), which only its constructor can make; use ordinary properties, or give ${type.name} a clone() of its own`,
      'clone',
    );
  }
}

/** Whether the host made the class, such as a URL or a promise: its instances are more than their properties. */
function isOfHost({ constructor: type }: object): boolean {
  return typeof type !== 'function' || (globalThis as Record<string, unknown>)[type.name] === type;
}

/** Whether it is what a generator function returned, or another iterator of the language: where it is in its work cannot be copied. */
function isIterator(value: object): boolean {
  if (typeof (value as { next?: unknown }).next !== 'function') return false;
  const type: unknown = value.constructor;
  return typeof type !== 'function' || type === Object || type === (globalThis as { Iterator?: unknown }).Iterator;
}

/** A new instance of the class of `value`, made by the constructor of the language that it derives from. */
function likeBuiltIn<T extends object>(value: T, builtIn: new (...args: never[]) => T, args: readonly unknown[] = []): T {
  const type: unknown = value.constructor;
  return Reflect.construct(builtIn, args, typeof type === 'function' ? type : builtIn) as T;
}

/**
 * One copying: what was met already has its copy, so that what was shared, or leads back to itself, does so again. What a copy holds
 * is copied after it, from a list: modules and arrays may be nested as deep as memory allows.
 */
export class DeepCopy {
  readonly #copies = new Map<object, unknown>();
  readonly #base: new () => MemberOwner;
  /** What is cloned, once that has begun. */
  #root: MemberOwner | null = null;
  readonly #finish: (from: MemberOwner, to: MemberOwner) => void;
  /** Copies that are still to be filled. */
  readonly #toFill: (() => void)[] = [];

  /** `base` is the constructor that makes any module one; `finish` copies what only it can see. */
  constructor(base: new () => MemberOwner, finish: (from: MemberOwner, to: MemberOwner) => void) {
    this.#base = base;
    this.#finish = finish;
  }

  /** The copy of `root`. */
  copy(root: MemberOwner): unknown {
    const copy = this.#of(root);
    for (let fill = this.#toFill.pop(); fill !== undefined; fill = this.#toFill.pop()) fill();
    return copy;
  }

  /** The copy of a value, which may be filled later. */
  #of(value: unknown): unknown {
    if (!isObject(value) || !isReadable(value)) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (value instanceof MemberOwner) return this.#part(value);
    if (typeof value === 'function') return value;
    if (value instanceof Tensor) return this.#note(value, this.#tensor(value));
    if (value instanceof Generator) return this.#note(value, value.cloneState());
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return this.#note(value, structuredClone(value));
    return this.#collection(value) ?? this.#instance(value);
  }

  /** The copy of what the language itself fills, or null for anything else. */
  #collection(value: object): object | null {
    if (Array.isArray(value)) return this.#later(value as unknown[], likeBuiltIn<unknown[]>(value, Array), (copy) => { copy.length = value.length; });
    if (value instanceof Date) return this.#later(value, likeBuiltIn(value, Date, [value]));
    if (value instanceof Error) return this.#later(value, likeBuiltIn(value, Error));
    if (value instanceof RegExp) return this.#later(value, likeBuiltIn(value, RegExp, [value]));
    if (value instanceof Set) return this.#later(value, likeBuiltIn<Set<unknown>>(value, Set), (copy) => { for (const part of value) Set.prototype.add.call(copy, this.#of(part)); });
    if (value instanceof Map) {
      return this.#later(value, likeBuiltIn<Map<unknown, unknown>>(value, Map), (copy) => {
        for (const [key, part] of value) Map.prototype.set.call(copy, this.#of(key), this.#of(part));
      });
    }
    return null;
  }

  /** The copy of a plain object or an instance of a class. */
  #instance(value: object): unknown {
    if (!isOptions(value)) {
      if (isIterator(value)) {
        throw new UsageError(`clone: an iterator cannot be copied, since nothing says how far it is; hold what makes it (${describe(value)})`, 'clone');
      }
      if (isOfHost(value)) return value;
      const { clone } = value as { clone?: unknown };
      if (typeof clone === 'function') return this.#note(value, clone.call(value));
      refusePrivate(value, Object);
    }
    return this.#later(value, Object.create(Object.getPrototypeOf(value) as object | null) as object);
  }

  /** A module below the one that is cloned: a class may have a `clone` of its own. */
  #part(from: MemberOwner): unknown {
    const { clone } = from as MemberOwner & Cloneable;
    if (this.#root === null || clone === (this.#base.prototype as MemberOwner & Cloneable).clone) return this.#module(from);
    return this.#note(from, clone.call(from));
  }

  #note(from: object, copy: unknown): unknown {
    this.#copies.set(from, copy);
    return copy;
  }

  /** A copy that is known before `fill` and the properties of its own fill it: its parts may lead back to it. */
  #later<T extends object>(from: T, copy: T, fill?: (copy: T) => void): T {
    this.#copies.set(from, copy);
    this.#toFill.push(() => {
      fill?.(copy);
      for (const name of Reflect.ownKeys(from)) {
        const descriptor = Object.getOwnPropertyDescriptor(from, name)!;
        if (name !== 'length' || !Array.isArray(from)) this.#define(copy, name, descriptor);
      }
    });
    return copy;
  }

  #define(copy: object, name: string | symbol, descriptor: PropertyDescriptor): void {
    Object.defineProperty(copy, name, 'value' in descriptor ? { ...descriptor, value: this.#of(descriptor.value) } : descriptor);
  }

  #module(from: MemberOwner): MemberOwner {
    this.#root ??= from;
    refusePrivate(from, this.#base);
    // The constructors of subclasses do not run: their arguments are not known, and they would draw random numbers.
    const copy = withoutFields(() => Reflect.construct<[], MemberOwner>(this.#base, [], from.constructor as new () => MemberOwner));
    this.#copies.set(from, copy);
    this.#finish(from, copy);
    this.#toFill.push(() => {
      copyMembers(from, copy, (value) => this.#of(value));
      for (const [name, descriptor] of plainProperties(from)) this.#define(copy, name, descriptor);
    });
    return copy;
  }

  #tensor(from: Tensor): Tensor {
    if (!from.isLeaf) {
      throw new AutogradError(
        `clone: only tensors that are leaves can be copied, got one of shape [${from.shape.join(', ')}] that an operation made; detach() it first`,
        'clone',
      );
    }
    const values = noGrad(() => this.#view(from) ?? from.detach().clone());
    if (from instanceof Parameter) {
      const parameter = new Parameter(values, from.requiresGrad);
      // Those of lazy modules are of a class of their own.
      return from.constructor === Parameter ? parameter : (Object.setPrototypeOf(parameter, Object.getPrototypeOf(from) as object) as Parameter);
    }
    const copy = keep(values);
    if (from.requiresGrad) copy.requiresGrad = true;
    if (from.grad !== null) copy.grad = this.#of(from.grad) as Tensor;
    return copy;
  }

  /** A view of a copy of what `from` is a view of, so that they share memory as the originals do. */
  #view(from: Tensor): Tensor | null {
    const base = from instanceof Parameter ? null : from._base;
    if (base === null || base === from || !base.isLeaf || !base.isContiguous() || base.storageOffset() !== 0) return null;
    return (this.#of(base) as Tensor).detach().asStrided(from.shape, from.stride(), from.storageOffset());
  }
}
