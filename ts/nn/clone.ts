// Copies of modules that share nothing with the original: PyTorch's `copy.deepcopy(module)`.
import { isOptions } from '../tensor/arguments';
import { noGrad } from '../autograd/autograd';
import { AutogradError, UsageError } from '../core/errors';
import { keep } from '../runtime/scope';
import { Tensor } from '../tensor/tensor';
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
 * copy would fail at its first use. Nothing says that a class has them but its text.
 */
function refusePrivate(from: MemberOwner, base: new () => MemberOwner): void {
  for (let type = from.constructor as new () => MemberOwner; type !== base; type = Object.getPrototypeOf(type) as new () => MemberOwner) {
    let name = privateMembers.get(type);
    if (name === undefined) privateMembers.set(type, (name = privateMemberOf(Function.prototype.toString.call(type))));
    if (name === null) continue;
    throw new UsageError(
      `clone: ${type.name} has private members (${name}), which only its constructor can make; use ordinary properties, or give ${type.name} a clone() of its own`,
      'clone',
    );
  }
}

/** One copying: what was met already has its copy, so that what was shared, or leads back to itself, does so again. */
export class DeepCopy {
  readonly #copies = new Map<object, unknown>();
  readonly #base: new () => MemberOwner;
  /** What is cloned, once that has begun. */
  #root: MemberOwner | null = null;
  readonly #finish: (from: MemberOwner, to: MemberOwner) => void;

  /** `base` is the constructor that makes any module one; `finish` copies what only it can see. */
  constructor(base: new () => MemberOwner, finish: (from: MemberOwner, to: MemberOwner) => void) {
    this.#base = base;
    this.#finish = finish;
  }

  of(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (value instanceof MemberOwner) return this.#part(value);
    if (value instanceof Tensor) return this.#note(value, this.#tensor(value));
    if (value instanceof Date) return this.#note(value, new Date(value));
    if (ArrayBuffer.isView(value)) return this.#note(value, structuredClone(value));
    if (Array.isArray(value)) return this.#filled(value, [] as unknown[], (copy) => { for (const part of value) copy.push(this.of(part)); });
    if (value instanceof Set) return this.#filled(value, new Set(), (copy) => { for (const part of value) copy.add(this.of(part)); });
    if (value instanceof Map) {
      return this.#filled(value, new Map<unknown, unknown>(), (copy) => { for (const [key, part] of value) copy.set(this.of(key), this.of(part)); });
    }
    if (!isOptions(value)) return value;
    return this.#filled(value, Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>, (copy) => {
      for (const [key, part] of Object.entries(value)) copy[key] = this.of(part);
    });
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

  /** A copy that is known before it is filled: its parts may lead back to it. */
  #filled<T extends object>(from: object, copy: T, fill: (copy: T) => void): T {
    this.#copies.set(from, copy);
    fill(copy);
    return copy;
  }

  #module(from: MemberOwner): MemberOwner {
    this.#root ??= from;
    refusePrivate(from, this.#base);
    // The constructors of subclasses do not run: their arguments are not known, and they would draw random numbers.
    const copy = Reflect.construct<[], MemberOwner>(this.#base, [], from.constructor as new () => MemberOwner);
    return this.#filled(from, copy, () => {
      copyMembers(from, copy, (value) => this.of(value));
      for (const [name, descriptor] of plainProperties(from)) {
        Object.defineProperty(copy, name, 'value' in descriptor ? { ...descriptor, value: this.of(descriptor.value) } : descriptor);
      }
      this.#finish(from, copy);
    });
  }

  #tensor(from: Tensor): Tensor {
    if (!from.isLeaf) {
      throw new AutogradError(
        `clone: only tensors that are leaves can be copied, got one of shape [${from.shape.join(', ')}] that an operation made; detach() it first`,
        'clone',
      );
    }
    const values = noGrad(() => this.#view(from) ?? from.detach().clone());
    if (from instanceof Parameter) return new Parameter(values, from.requiresGrad);
    const copy = keep(values);
    if (from.requiresGrad) copy.requiresGrad = true;
    if (from.grad !== null) copy.grad = this.of(from.grad) as Tensor;
    return copy;
  }

  /** A view of a copy of what `from` is a view of, so that they share memory as the originals do. */
  #view(from: Tensor): Tensor | null {
    const base = from instanceof Parameter ? null : from._base;
    if (base === null || base === from || !base.isLeaf || !base.isContiguous() || base.storageOffset() !== 0) return null;
    return (this.of(base) as Tensor).detach().asStrided(from.shape, from.stride(), from.storageOffset());
  }
}
