// What a record depends on that a program may replace: members of modules, their parts, and the data of tensors.
import { memberChanges } from '../core/capturing';
import { Parameter } from '../nn/parameter';
import { wasm } from '../runtime/wasm';
import { Tensor } from '../tensor/tensor';

/** Whether both are one tensor. */
export function isSame(a: Tensor, b: Tensor): boolean {
  return wasm().same_tensor(a._handle, b._handle) !== 0;
}

/** Something a record depends on that a program may replace. */
export interface Watched {
  /** What a message says of it. */
  readonly what: () => string;
  readonly name: string;
  readonly isThere: () => boolean;
}

/** What `owner[name]` holds. */
export interface Member {
  readonly owner: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly value: unknown;
}

/** The properties of `modules` that hold tensors, modules or, where they are registered for these, null. */
export function membersOf(modules: ReadonlySet<object>): Member[] {
  const found: Member[] = [];
  for (const module of modules) {
    const owner = module as Member['owner'];
    for (const name of Object.getOwnPropertyNames(owner)) {
      const value = owner[name];
      // What a module registers is not enumerable.
      const isMember = value === null ? !Object.prototype.propertyIsEnumerable.call(owner, name) : value instanceof Tensor || modules.has(value as object);
      if (isMember) found.push({ owner, name, value });
    }
  }
  return found;
}

/** That `owner[name]` is what it was; of a tensor, with the data it had, those of `constant`. */
export function watched({ owner, name, value }: Member, constant: Tensor | null): Watched {
  const isThere = (): boolean => owner[name] === value && (constant === null || (value as Tensor)._handle <= 0 || isSame(value as Tensor, constant));
  return { what: () => wasReplaced(`${owner.constructor.name}.${name}`), name, isThere };
}

export function wasReplaced(what: string): string {
  return `${what} was replaced since the capture, and the record holds what it was`;
}

/** Whether `value` is a part of a module that is not registered yet, or may be registered. */
function isPart(value: unknown): boolean {
  return value instanceof Parameter || (typeof value === 'function' && typeof (value as { modules?: unknown }).modules === 'function');
}

/** The names of `owner` that hold modules or parameters. */
function namesOfParts(owner: Member['owner']): string[] {
  return Object.getOwnPropertyNames(owner).filter((name) => isPart(owner[name]));
}

/** That a module, whose parts the function listed, has those it had and no others. */
export function watchedParts(owner: Member['owner']): Watched {
  const before = namesOfParts(owner);
  const parts = before.map((name) => owner[name]);
  const changed = (): string | undefined => {
    const now = namesOfParts(owner);
    const place = (name: string | undefined): string | undefined => (name === undefined ? undefined : `${owner.constructor.name}.${name}`);
    const added = place(now.find((name) => !before.includes(name)));
    if (added !== undefined) return `${added} was added since the capture, and the record does not hold it`;
    const removed = place(before.find((name) => !now.includes(name)));
    return removed === undefined ? undefined : `${removed} was removed since the capture, and the record holds it`;
  };
  let seen = -1;
  // Every replay asks: names are listed only where something was registered, replaced or removed since they were.
  const isAsSeen = (): boolean => {
    if (seen !== memberChanges) return false;
    for (let i = 0; i < before.length; i++) if (owner[before[i]!] !== parts[i]) return false;
    // What is registered is not enumerable, and a field that was assigned is.
    for (const name in owner) if (isPart(owner[name]) && !before.includes(name)) return false;
    return true;
  };
  const isThere = (): boolean => {
    if (isAsSeen()) return true;
    const isAll = changed() === undefined;
    if (isAll) seen = memberChanges;
    return isAll;
  };
  return { what: () => changed() ?? '', name: 'parts', isThere };
}
