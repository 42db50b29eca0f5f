// What a module holds, listed: parameters, buffers, modules and places of tensors by the names under which they are saved.
import { noteListed } from '../core/capturing';
import { UsageError } from '../core/errors';
import { isObject, isReadable } from '../core/plain-object';
import { keyOf } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { isBuffer, listOf, memberNamed, refuseForeign, registered, settle, type Kind, type MemberOwner, type Slots } from './members';
import { Parameter } from './parameter';

/** A name and what it names. */
export type Named<T> = [name: string, value: T];

/** The members of one kind by the name under which they are saved, null ones too, in the order they were registered. */
function membersOf(owner: MemberOwner, matches: (kind: Kind) => boolean, members = registered(owner)): Named<unknown>[] {
  noteListed(owner);
  const found: Named<unknown>[] = [];
  for (const { kind, name, slot } of members) if (matches(kind)) found.push([keyOf(owner, name), (owner as unknown as Slots)[slot]]);
  return found;
}

function present<T>(members: Named<unknown>[]): Named<T>[] {
  return members.filter(([, value]) => value !== null) as Named<T>[];
}

const isParameter = (kind: Kind): boolean => kind === 'parameter';
const isSaved = (kind: Kind): boolean => kind === 'buffer';
const isModule = (kind: Kind): boolean => kind === 'module';

/** The parameters of one module. */
export function ownParameters(owner: MemberOwner): Named<Parameter>[] {
  return present(membersOf(owner, isParameter));
}

/** The buffers of one module. */
export function ownBuffers(owner: MemberOwner): Named<Tensor>[] {
  return present(membersOf(owner, isBuffer));
}

/** The modules directly in one, as often as they are held; null where a name is registered for none. */
export function ownModules<M extends MemberOwner>(owner: MemberOwner): Named<M | null>[] {
  return membersOf(owner, isModule) as Named<M | null>[];
}

/**
 * What `owner` holds under the key `key`, or undefined where there is nothing of this kind: as `ownModules` and `ownParameters` have it,
 * but without a look at all others, so that n questions take time for n.
 */
export function ownNamed(owner: MemberOwner, kind: 'module' | 'parameter', key: string): unknown {
  if (!(key in owner)) return undefined;
  const member = memberNamed(owner, kind, key);
  if (member === null || keyOf(owner, key) !== key) return membersOf(owner, (each) => each === kind).find(([name]) => name === key)?.[1];
  noteListed(owner);
  return (owner as unknown as Slots)[member.slot];
}

/** What of one module is saved, in PyTorch's order, and the modules directly in it. */
export function savedOf<M extends MemberOwner>(owner: MemberOwner): { tensors: Named<Tensor>[]; modules: Named<M>[] } {
  const members = registered(owner);
  return {
    tensors: present([...membersOf(owner, isParameter, members), ...membersOf(owner, isSaved, members)]),
    modules: present(membersOf(owner, isModule, members)),
  };
}

/** Calls `visit` with each module directly in `owner`, as often as it is held, and with null where a name is registered for none. */
export function eachModule(owner: MemberOwner, visit: (module: MemberOwner | null, name: string) => void): void {
  settle(owner);
  noteListed(owner);
  const fields = owner as unknown as Slots;
  for (const { kind, name, slot } of listOf(owner)) {
    // What was deleted is still in its slot.
    if (kind !== 'module' || !Object.hasOwn(owner, name)) continue;
    visit(fields[slot] as MemberOwner | null, name);
  }
}

/** A place that holds a tensor: what it is now, and how another is put there without a check. */
export interface TensorSlot {
  /** Whether it is registered, and not just a property. */
  readonly isRegistered: boolean;
  readonly isBuffer: boolean;
  get(): Tensor;
  set(t: Tensor): void;
}

/** The places of the tensors of one module by the name under which they are saved: registered ones, and then plain properties. */
export function tensorSlots(owner: MemberOwner): Named<TensorSlot>[] {
  const fields = owner as unknown as Slots;
  const at = (place: string | symbol, kind: Kind | null): TensorSlot => ({
    isRegistered: kind !== null,
    isBuffer: kind !== null && isBuffer(kind),
    get: () => fields[place] as Tensor,
    set: (t) => { fields[place] = t; },
  });
  const members = registered(owner).filter(({ slot }) => fields[slot] instanceof Tensor);
  const plain = Object.keys(owner).filter((name) => fields[name] instanceof Tensor);
  return [
    ...members.map((member): Named<TensorSlot> => [keyOf(owner, member.name), at(member.slot, member.kind)]),
    ...plain.map((name): Named<TensorSlot> => [name, at(name, null)]),
  ];
}

/** `prefix.name`, or `name` where the prefix is empty. */
export function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

/** A module under its path, with those around it. */
interface Found<M> {
  readonly path: string;
  readonly module: M;
  readonly around: Found<M> | null;
}

/**
 * `root` and all modules below it, a module before its children, each once or under every path. The path is a list of work, not a recursion.
 *
 * @throws UsageError where a module that contains itself would have paths without an end.
 */
export function modulesBelow<M extends object>(root: M, prefix: string, removeDuplicate: boolean, children: (m: M) => readonly Named<M | null>[]): Named<M>[] {
  const seen = new Set<M>();
  const found: Named<M>[] = [];
  const todo: Found<M>[] = [{ path: prefix, module: root, around: null }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { path, module } = next;
    if (seen.has(module)) {
      if (removeDuplicate) continue;
      refuseCycle(next);
    }
    seen.add(module);
    found.push([path, module]);
    for (const [name, child] of [...children(module)].reverse()) if (child !== null) todo.push({ path: join(path, name), module: child, around: next });
  }
  return found;
}

function refuseCycle<M extends object>({ path, module, around }: Found<M>): void {
  for (let outer = around; outer !== null; outer = outer.around) {
    if (outer.module !== module) continue;
    const name = module.constructor.name;
    throw new UsageError(`${name}: the module contains itself, as ${path}; without end it has no list of paths; keep such a reference outside of the modules`, name, { path });
  }
}

/**
 * Visits `root` and what `enter` says is below each node, depth first; `leave` is called after all below a node. A list of work, not
 * a recursion: modules may be nested as deep as memory allows.
 */
export function depthFirst<N extends object>(root: N, enter: (node: N) => readonly N[], leave?: (node: N) => void): void {
  const todo: { readonly node: N; readonly isDone: boolean }[] = [{ node: root, isDone: false }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, isDone } = next;
    if (isDone) {
      leave!(node);
      continue;
    }
    if (leave !== undefined) todo.push({ node, isDone: true });
    for (const below of [...enter(node)].reverse()) todo.push({ node: below, isDone: false });
  }
}

/** The first of each object under its first name. */
export function unique<T>(all: Iterable<Named<T>>): Named<T>[] {
  const seen = new Set<T>();
  const found: Named<T>[] = [];
  for (const entry of all) {
    if (seen.has(entry[1])) continue;
    seen.add(entry[1]);
    found.push(entry);
  }
  return found;
}

const NONE: readonly Tensor[] = [];

/** Tensors that are plain properties of a module: nothing a scope knows to spare. Every call of a module asks. */
export function plainTensorsOf(owner: object): readonly Tensor[] {
  let found: Tensor[] | null = null;
  // Neither methods of classes nor registered names are enumerable, so these are the other properties of the object itself.
  for (const name in owner) {
    const value = (owner as Record<string, unknown>)[name];
    if (!isObject(value) || !isReadable(value)) continue;
    if (!(value instanceof Tensor)) refuseForeign(owner, name, value);
    else if (!(value instanceof Parameter)) (found ??= []).push(value);
  }
  return found ?? NONE;
}
