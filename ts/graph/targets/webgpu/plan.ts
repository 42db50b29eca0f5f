// What runs: kernels in order, and the buffers they share.
import { UsageError } from '../../../core/errors';
import { CONTRACTING } from './contracting';
import { ELEMENTWISE } from './elementwise';
import type { Store } from './lazy';
import { MOVING } from './moving';
import { Planner, writesOf, type Action, type Lowering } from './planner';
import { RANDOM } from './random';
import { Call, kindOf, type FunctionalRecord } from './record';

const OPS: Readonly<Record<string, Lowering>> = { ...ELEMENTWISE, ...MOVING, ...CONTRACTING, ...RANDOM };

/** The ops there are kernels for. */
export const OP_NAMES: readonly string[] = Object.keys(OPS);

/** The largest buffer a kernel may bind, by the default limits. */
const MOST_BYTES = 128 * 1024 * 1024;

export interface Plan {
  readonly record: FunctionalRecord;
  readonly actions: readonly Action[];
  /** Bytes of each buffer. */
  readonly buffers: readonly number[];
  /** The buffer of each store that is used. */
  readonly bufferOf: ReadonlyMap<Store, number>;
  readonly inputs: readonly Store[];
  readonly outputs: readonly Store[];
  /** The constants that are in memory, by value. */
  readonly constants: ReadonlyMap<number, Store>;
}

/** Refuses what there is no kernel for, all of it at once. */
function check(record: FunctionalRecord): void {
  const lacking = new Map<string, number>();
  const note = (what: string): void => { lacking.set(what, (lacking.get(what) ?? 0) + 1); };
  for (const { op } of record.calls) if (!Object.hasOwn(OPS, op)) note(op);
  const used = new Set([...record.inputs, ...record.calls.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])]);
  record.values.forEach(({ dtype }, value) => { if (used.has(value) && kindOf(dtype) === undefined) note(`values of dtype ${dtype}`); });
  if (lacking.size === 0) return;
  const list = [...lacking].map(([what, times]) => (times === 1 ? what : `${what} (${times} times)`)).join(', ');
  throw new UsageError(`webgpu: there is no kernel for ${list}; keep that outside of the captured function, or run it on the CPU`, 'webgpu', { lacking: [...lacking.keys()] });
}

function readsOf(action: Action): Store[] {
  return action.is === 'copy' ? [action.from] : action.bindings.map(({ store }) => store);
}

/** Without what makes temporary values that nothing reads. */
function needed(actions: readonly Action[]): Action[] {
  const read = new Set<Store>();
  const kept: Action[] = [];
  for (const action of [...actions].reverse()) {
    if (writesOf(action).every((store) => store.role === 'temporary' && !read.has(store))) continue;
    for (const store of readsOf(action)) read.add(store);
    kept.push(action);
  }
  return kept.reverse();
}

/** A size of which there are few, at most an eighth above. */
function rounded(bytes: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(Math.max(1, bytes))) - 2));
  return Math.ceil(Math.max(1, bytes) / step) * step;
}

/** Buffers for stores: temporary ones share those that no later kernel reads. */
export function assign(actions: readonly Action[]): { buffers: number[]; bufferOf: Map<Store, number> } {
  const last = new Map<Store, number>();
  actions.forEach((action, i) => { for (const store of [...readsOf(action), ...writesOf(action)]) last.set(store, i); });
  const buffers: number[] = [];
  const bufferOf = new Map<Store, number>();
  const free: number[] = [];
  actions.forEach((action, i) => {
    const touched = new Set([...readsOf(action), ...writesOf(action)]);
    for (const store of touched) {
      if (bufferOf.has(store)) continue;
      const bytes = rounded(store.size * 4);
      const isShared = store.role === 'temporary';
      const found = isShared ? free.findIndex((buffer) => buffers[buffer] === bytes) : -1;
      if (found >= 0) bufferOf.set(store, free.splice(found, 1)[0]!);
      else bufferOf.set(store, buffers.push(bytes) - 1);
    }
    for (const store of touched) if (store.role === 'temporary' && last.get(store) === i) free.push(bufferOf.get(store)!);
  });
  return { buffers, bufferOf };
}

/** The plan of a record, which is made without a device; with `float16` factors of large products are in half precision. */
export function planOf(record: FunctionalRecord, float16 = false): Plan {
  check(record);
  const planner = new Planner(record, float16);
  for (const call of record.calls) {
    const asked = new Call(record, call);
    planner.define(asked, OPS[call.op]!(planner, asked));
  }
  planner.finish();
  const actions = needed(planner.actions);
  const { buffers, bufferOf } = assign(actions);
  // Inputs that nothing reads, and outputs without elements, have buffers all the same.
  for (const store of [...planner.inputs.values(), ...planner.outputs, ...planner.constants.values()]) {
    if (!bufferOf.has(store)) bufferOf.set(store, buffers.push(rounded(store.size * 4)) - 1);
  }
  const largest = Math.max(0, ...buffers);
  if (largest > MOST_BYTES) {
    throw new UsageError(`webgpu: a value of ${largest} bytes is larger than a kernel may bind, ${MOST_BYTES}; take a smaller batch`, 'webgpu');
  }
  return { record, actions, buffers, bufferOf, inputs: [...planner.inputs.values()], outputs: planner.outputs, constants: planner.constants };
}
