// What a module holds: parameters, buffers and other modules, each registered under its name, as PyTorch's `_parameters`,
// `_buffers` and `_modules` have them.
//
// A registered name is an accessor on the module itself, so that every assignment is checked when it is made and `delete` takes
// the name back. All modules share the accessors of a name: objects that register the same names in the same order have one
// hidden class, and reading `this.weight` costs what reading a field costs. The value is kept beside it, under a symbol.
//
// The fields of a subclass are defined past every accessor, so what they hold is registered when it is looked at; `fields.ts`
// says when that is.
import { noteReplaced, replacements } from '../core/capturing';
import { isForeign } from '../core/copies';
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { isObject, isReadable } from '../core/plain-object';
import { keep } from '../runtime/scope';
import { declareKeys, keyOf } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { Callable } from './callable';
import { isDone, noteFields } from './fields';
import { Parameter } from './parameter';

/** What a name stands for. A transient buffer is left out of the state dict. */
export type Kind = 'parameter' | 'buffer' | 'transient' | 'module';

/** A registered name, the same object for all modules. */
export interface Member {
  readonly kind: Kind;
  readonly name: string;
  /** Where an owner keeps the value. */
  readonly slot: symbol;
  readonly descriptor: PropertyDescriptor;
}

/** An owner as what it is: values by name and by slot. */
export type Slots = Record<string | symbol, unknown>;

/** Whether a kind is a buffer. */
export function isBuffer(kind: Kind): boolean {
  return kind === 'buffer' || kind === 'transient';
}

/** What a message calls each kind, and what may be assigned. */
const KINDS: Readonly<Record<Kind, readonly [what: string, expected: string]>> = {
  parameter: ['parameter', 'nn.Parameter or null'],
  buffer: ['buffer', 'Tensor or null'],
  transient: ['buffer', 'Tensor or null'],
  module: ['child module', 'nn.Module or null'],
};

/** The members as they were registered, deleted ones too. */
export let listOf: (owner: MemberOwner) => Member[];

/** An object that holds members: what makes a class a module. */
export abstract class MemberOwner extends Callable {
  readonly #members: Member[] = [];

  constructor() {
    super();
    noteFields(this, settle);
  }

  /** @internal Names were deleted, or taken by fields, since it was asked last. */
  _membersGone(_gone: readonly Member[]): void {
    // Nothing depends on which names there are.
  }

  /** @internal A member under a number is read; whether the numbers were given anew for it. */
  _readAt(_name: string): boolean {
    return false;
  }

  static {
    listOf = (owner) => owner.#members;
  }
}

const known: Readonly<Record<Kind, Map<string, Member>>> = { parameter: new Map(), buffer: new Map(), transient: new Map(), module: new Map() };

function memberOf(kind: Kind, name: string): Member {
  const ofKind = known[kind];
  let member = ofKind.get(name);
  if (member === undefined) ofKind.set(name, (member = makeMember(kind, name)));
  return member;
}

function makeMember(kind: Kind, name: string): Member {
  const slot = Symbol(name);
  const isNumber = /^\d+$/.test(name);
  const member: Member = {
    kind,
    name,
    slot,
    descriptor: {
      get(this: MemberOwner & Slots) {
        return this[isNumber && !isLooking && this._readAt(name) ? name : slot];
      },
      set(this: MemberOwner, value: unknown) {
        assign(this, member, value);
      },
      // What is enumerable are the properties a call has to look at.
      enumerable: false,
      configurable: true,
    },
  };
  return member;
}

/** What a message calls a value that cannot be assigned. */
function typeName(value: unknown): string {
  if (typeof value !== 'object' && !(value instanceof MemberOwner)) return typeof value;
  if (value === null || !isReadable(value)) return 'object';
  if (value instanceof Tensor) return 'Tensor';
  try {
    const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return typeof name === 'string' ? name : 'object';
  } catch {
    return 'object';
  }
}

/** The kind of member that `value` is by itself. */
function kindOf(value: unknown): Kind | null {
  if (!isObject(value) || !isReadable(value)) return null;
  if (value instanceof MemberOwner) return 'module';
  if (!(value instanceof Tensor)) return null;
  // Of an nn.Buffer, which only programs that use it load.
  return value instanceof Parameter ? 'parameter' : ((value as { _kind?: Kind })._kind ?? null);
}

/** Whether a name that stands for `kind` may stand for `value`, of kind `own`, from now on. */
function takes(kind: Kind, value: unknown, own: Kind | null): boolean {
  if (value === null || own === 'parameter') return true;
  if (own === 'module') return kind !== 'parameter';
  return isBuffer(kind) && isReadable(value) && value instanceof Tensor;
}

/** An assignment to a registered name. */
function assign(owner: MemberOwner, member: Member, value: unknown): void {
  const { kind, name } = member;
  const own = kindOf(value);
  refuseForeign(owner, name, value);
  if (!takes(kind, value, own)) {
    const [what, expected] = KINDS[kind];
    const where = owner.constructor.name;
    throw new UsageError(`${where}: cannot assign '${typeName(value)}' as ${what} '${name}' (${expected} expected)`, where, { name });
  }
  if (own !== null && own !== kind) register(owner, own, name, value);
  else put(owner, member, value);
}

/** Puts a value that was checked in its place. */
function put(owner: MemberOwner, { kind, name, slot }: Member, value: unknown): void {
  const fields = owner as unknown as Slots;
  const before = fields[slot];
  fields[slot] = isBuffer(kind) ? keep(value) : value;
  if (replacements !== null) noteReplaced(owner, name, before, value);
}

/** Whether the name is still registered: a field of a subclass, or `delete`, may have taken it. */
function isRegistered(owner: object, { name, descriptor }: Member): boolean {
  return Object.getOwnPropertyDescriptor(owner, name)?.get === descriptor.get;
}

/** The member of this kind and name, if it is registered; no other is looked at. */
export function memberNamed(owner: MemberOwner, kind: Kind, name: string): Member | null {
  const member = known[kind].get(name);
  return member !== undefined && isRegistered(owner, member) ? member : null;
}

/** Makes `name` a member of `owner`, whatever it was before. A name that keeps its kind keeps its place, unless it was deleted. */
export function register(owner: MemberOwner, kind: Kind, name: string, value: unknown): void {
  registerAs(owner, memberOf(kind, name), value);
}

/** Whether the name may be in the list: slots stay when names are deleted. A new one is not looked for, so that long lists grow in time. */
function wasRegistered(owner: MemberOwner, name: string): boolean {
  return Object.values(known).some((ofKind) => {
    const member = ofKind.get(name);
    return member !== undefined && Object.hasOwn(owner, member.slot);
  });
}

function registerAs(owner: MemberOwner, member: Member, value: unknown): void {
  const { kind, name, descriptor } = member;
  if (isRegistered(owner, member)) {
    // Nothing but the value changes: the list is not searched, so that a dictionary may be written again in time.
    put(owner, member, value);
    if (kind === 'module' && value !== null) isDone(value as MemberOwner);
    return;
  }
  const list = listOf(owner);
  let at = wasRegistered(owner, name) ? list.length - 1 : -1;
  while (at >= 0 && list[at]!.name !== name) at -= 1;
  const staysAt = at >= 0 && list[at] === member && Object.hasOwn(owner, name);
  const fields = owner as unknown as Slots;
  if (at >= 0 && !staysAt) {
    if (replacements !== null) noteReplaced(owner, name, fields[list[at]!.slot], value);
    Reflect.deleteProperty(owner, list[at]!.slot);
    list.splice(at, 1);
  }
  put(owner, member, value);
  if (kind === 'module' && value !== null) isDone(value as MemberOwner);
  if (!staysAt) list.push(member);
  Object.defineProperty(owner, name, descriptor);
}

/** Registers what is assigned under these names to instances of `of`, and saves it under PyTorch's. */
export function declareMembers(of: { readonly prototype: MemberOwner }, names: Partial<Record<'parameter' | 'buffer' | 'module', readonly string[]>>): void {
  for (const [kind, list] of Object.entries(names) as [Kind, readonly string[]][]) {
    declareKeys(of, list);
    for (const name of list) {
      const member = memberOf(kind, name);
      Object.defineProperty(of.prototype, name, {
        // What was deleted, or is not registered yet.
        get: () => undefined,
        set(this: MemberOwner, value: unknown) {
          const own = kindOf(value) ?? (value === null || (kind === 'buffer' && value instanceof Tensor) ? kind : null);
          if (own === kind) registerAs(this, member, value);
          else if (own !== null) register(this, own, name, value);
          else Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
        },
        enumerable: false,
        configurable: true,
      });
      declareSpelling(of.prototype, name);
    }
  }
}

/** Makes PyTorch's name of a property another name of it: `bn.running_mean = t` would make a property that nothing looks at. */
function declareSpelling(prototype: object, name: string): void {
  const key = keyOf(prototype, name);
  if (key === name) return;
  Object.defineProperty(prototype, key, {
    get(this: Slots) {
      return this[name];
    },
    set(this: Slots, value: unknown) {
      this[name] = value;
    },
    enumerable: false,
    configurable: true,
  });
}

/** Registers the parameters and modules that fields of `owner` hold, in the order of the fields; says whether there were any. */
export function settle(owner: MemberOwner): boolean {
  const fields = owner as unknown as Slots;
  const names = Object.keys(owner);
  let first = 0;
  while (first < names.length && kindOf(fields[names[first]!]) === null) first += 1;
  if (first === names.length || !Object.isExtensible(owner)) return false;
  const after = names.slice(first).map((name) => [name, Object.getOwnPropertyDescriptor(owner, name)!] as const);
  const known = new Map(listOf(owner).map((member) => [member.name, member.kind]));
  const canMove = after.every(([name, { configurable }]) => configurable === true && !known.has(name));
  // Taken off from the last one back and put on again, they leave the object in its fast form; redefined where they are they would not.
  if (canMove) for (const [name] of [...after].reverse()) Reflect.deleteProperty(owner, name);
  for (const [name, descriptor] of after) {
    const kind = kindOf(descriptor.value);
    const before = known.get(name);
    // What a name does not take is refused when the module is asked: looking at a field does not throw.
    const isTaken = before === undefined || takes(before, descriptor.value, kind);
    if (kind !== null && isTaken && descriptor.configurable === true) register(owner, kind, name, descriptor.value);
    else if (canMove) Object.defineProperty(owner, name, descriptor);
  }
  return true;
}

/** Whether all members of an owner are being looked at, which reads them. */
let isLooking = false;

/** The value of a property that was defined over the accessor of `member`, or null where the name is registered still. */
function definedOver(owner: MemberOwner, { name, slot }: Member): PropertyDescriptor | null {
  // A prototype may answer to the name, by looking at the members.
  if (!Object.hasOwn(owner, name)) return null;
  const fields = owner as unknown as Slots;
  // Accessors are not enumerable. What is defined over one by hand is not either, but it holds something else.
  if (!Object.prototype.propertyIsEnumerable.call(owner, name) && fields[name] === fields[slot]) return null;
  const property = Object.getOwnPropertyDescriptor(owner, name);
  return property !== undefined && 'value' in property ? property : null;
}

/**
 * The members of `owner`, without those whose names were deleted. What a field of a subclass, or a definition, put over a name is
 * assigned to it now.
 *
 * @throws UsageError where it could not have been assigned.
 */
export function registered(owner: MemberOwner): readonly Member[] {
  settle(owner);
  const list = listOf(owner);
  for (const name of Object.keys(owner)) refuseForeign(owner, name, (owner as unknown as Slots)[name]);
  if (list.length === 0) return list;
  const gone: Member[] = [];
  const over: [Member, PropertyDescriptor][] = [];
  const was = isLooking;
  isLooking = true;
  try {
    for (let i = list.length - 1; i >= 0; i--) {
      const member = list[i]!;
      const property = definedOver(owner, member);
      if (property !== null) over.push([member, property]);
      else if (!Object.hasOwn(owner, member.name)) gone.push(...list.splice(i, 1));
    }
  } finally {
    isLooking = was;
  }
  for (const [member, { value, configurable }] of over.reverse()) {
    assign(owner, member, value);
    if (configurable === true && !isRegistered(owner, member)) Object.defineProperty(owner, member.name, member.descriptor);
  }
  if (gone.length > 0) owner._membersGone(gone);
  return list;
}

/** Makes `entries` the modules of `owner`, in this order, in place of those it holds. */
export function replaceModules(owner: MemberOwner, entries: readonly (readonly [name: string, module: unknown])[]): void {
  const list = listOf(owner);
  for (let i = list.length - 1; i >= 0; i--) {
    const { kind, name, slot } = list[i]!;
    if (kind !== 'module') continue;
    if (replacements !== null) noteReplaced(owner, name, (owner as unknown as Slots)[slot], null);
    for (const key of [name, slot]) Reflect.deleteProperty(owner, key);
    list.splice(i, 1);
  }
  for (const [name, module] of entries) register(owner, 'module', name, module);
}

/** Whether `name` may be registered: it is not another kind of member, nor a method or a property that holds something else. */
export function canRegister(owner: MemberOwner, kind: Kind, name: string): boolean {
  // A number that is not its own is a position.
  if (!(name in owner) || (/^\d+$/.test(name) && !Object.hasOwn(owner, name))) return true;
  // Asked by itself before all are: a dictionary is written name by name.
  if (memberNamed(owner, kind, name) !== null) return true;
  const held = registered(owner).find((member) => member.name === name);
  if (held !== undefined) return held.kind === kind || (isBuffer(kind) && isBuffer(held.kind));
  const value = (owner as unknown as Slots)[name];
  // A field is often declared, or holds null, before it is registered.
  return value === undefined || value === null || (isBuffer(kind) && value instanceof Tensor);
}

/** Registers on `copy` what is registered on `owner`, each value replaced by what `change` makes of it. */
export function copyMembers(owner: MemberOwner, copy: MemberOwner, change: (value: unknown) => unknown): void {
  for (const { kind, name, slot } of registered(owner)) register(copy, kind, name, change((owner as unknown as Slots)[slot]));
}

/** The properties of `owner` that are not registered. */
export function plainProperties(owner: MemberOwner): [name: string | symbol, descriptor: PropertyDescriptor][] {
  const own = registered(owner).flatMap(({ name, slot }) => [name, slot]);
  const taken = new Set<string | symbol>(own);
  return Reflect.ownKeys(owner).flatMap((name) => (taken.has(name) ? [] : [[name, Object.getOwnPropertyDescriptor(owner, name)!]]));
}

/** Throws for a module or tensor of another copy of the package: nothing here would find it among its own. */
export function refuseForeign(owner: object, name: string, value: unknown): void {
  if (isForeign(value)) throw new UsageError(`${owner.constructor.name}: ${name} is ${describe(value)}`, owner.constructor.name);
}
