// What the graph holds of a program's: the functions of hooks, the contexts of custom functions.
//
// Such a value may refer to the tensor it hangs on. Were it held here for as long as the tensor lives, and the tensor by the value, neither
// would ever go: the garbage collector does not see through the instance. So between two jobs, where nothing but the object of that tensor
// leads to the value, it hangs on the object, and here it is held weakly. A job that makes or changes tensors may have a graph lead to
// it as well; the value is held until that job is over, and then it is asked again who leads to it.
import { AutogradError } from '../core/errors';
import type { Owned } from './owner';
import { isStarted, wasm } from './wasm';

interface Entry<V extends object> {
  /** Null while it is held weakly. */
  value: V | null;
  weak: WeakRef<V> | null;
  /** The tensor it hangs on, itself until the end of the job and then weakly; null where none is known. */
  owner: Owned | WeakRef<Owned> | null;
  /** The key of the node that made that tensor; 0 for a leaf. */
  node: number;
}

const tables: GraphTable<object>[] = [];
/** What hangs on each tensor. */
const hanging = new WeakMap<Owned, Set<object>>();
/** Whether a look at who leads to what is due when the job is over. */
let isDue = false;

/** Whether something is held weakly that a graph may come to lead to. */
export let isLoose = false;

/** Holds all values until the job is over. */
export function holdForJob(): void {
  if (isDue || !tables.some((table) => table.entries.size > 0)) return;
  isDue = true;
  isLoose = false;
  for (const { entries } of tables) for (const entry of entries.values()) entry.value ??= entry.weak?.deref() ?? null;
  queueMicrotask(endOfJob);
}

function endOfJob(): void {
  isDue = false;
  if (!isStarted()) return;
  for (const { entries } of tables) for (const entry of entries.values()) loosen(entry);
}

/** The owner of a value, if it still lives. */
function ownerOf({ owner }: Entry<object>): Owned | undefined {
  return owner !== null && 'deref' in owner ? owner.deref() : (owner ?? undefined);
}

function loosen(entry: Entry<object>): void {
  const { value, node } = entry;
  const owner = ownerOf(entry);
  if (entry.owner !== null && owner === entry.owner) entry.owner = new WeakRef(owner);
  if (value === null || owner === undefined || owner._handle <= 0 || !wasm().holds_hooks_alone(owner._handle, node)) return;
  let values = hanging.get(owner);
  if (values === undefined) hanging.set(owner, (values = new Set()));
  values.add(value);
  entry.weak ??= new WeakRef(value);
  entry.value = null;
  isLoose = true;
}

/** Values by the number the graph knows them by. */
export class GraphTable<V extends object> {
  /** @internal */
  readonly entries = new Map<number, Entry<V>>();

  constructor() {
    tables.push(this);
  }

  /** Adds a value that hangs on `owner`, or rather on the node that made it, which has the key `node`: 0 for a leaf. */
  set(id: number, value: V, owner: Owned | null, node: number): void {
    this.entries.set(id, { value, weak: null, owner: typeof WeakRef === 'undefined' ? null : owner, node });
    holdForJob();
  }

  /** Has a value hang on `owner` from now on, if it is there still. */
  hang(id: number, owner: Owned, node: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined || typeof WeakRef === 'undefined') return;
    entry.owner = owner;
    entry.node = node;
  }

  get(id: number): V | undefined {
    const entry = this.entries.get(id);
    return entry?.value ?? entry?.weak?.deref();
  }

  /** The value, or undefined where it was taken away. */
  need(id: number): V | undefined {
    const value = this.get(id);
    if (value === undefined && this.entries.has(id)) {
      // Between the call that had a graph lead to it and the end of that call the collector may have run. Better an error than a wrong gradient.
      throw new AutogradError('backward: a hook was collected with the tensor it is on; hold that tensor until backward() has run', 'backward');
    }
    return value;
  }

  delete(id: number): boolean {
    const entry = this.entries.get(id);
    const value = entry?.value ?? entry?.weak?.deref();
    const owner = entry === undefined ? undefined : ownerOf(entry);
    if (value !== undefined && owner !== undefined) hanging.get(owner)?.delete(value);
    return this.entries.delete(id);
  }
}
