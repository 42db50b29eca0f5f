// Copies of modules that share nothing with the original: PyTorch's `copy.deepcopy(module)`.
import { isOptions } from '../arguments';
import { noGrad } from '../autograd';
import { AutogradError } from '../errors';
import { keep } from '../scope';
import { Tensor } from '../tensor';
import { MemberOwner, copyMembers, plainProperties } from './members';
import { Parameter } from './parameter';

/** One copying: what was met already has its copy, so that what was shared, or leads back to itself, does so again. */
export class DeepCopy {
  readonly #copies = new Map<object, unknown>();
  readonly #base: new () => MemberOwner;
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
    if (value instanceof MemberOwner) return this.#module(value);
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
