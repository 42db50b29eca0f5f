// Nodes of the graph, to look at.
import { brand } from '../core/copies';
import { UsageError } from '../core/errors';
import { holdForJob } from '../runtime/graph-table';
import { registerNodeHook, type HookHandle, type NodeHook, type NodePreHook } from './hooks';
import { callable } from '../core/kinds';
import { notCloned } from '../core/not-data';
import { nothing, parameters, type Arguments } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { scratch } from '../runtime/scratch';
import { dispose, inspect } from '../core/symbols';
import { objectFor, type Tensor } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { keptNames, nodeName } from '../runtime/texts';
import { isStarted, wasm } from '../runtime/wasm';

const NOT_CLONED = /* @__PURE__ */ notCloned('a node of the graph', 'clone the JSON of graph(t)');

interface Held {
  /** Makes `structuredClone` an error. */
  readonly notCloned: symbol;
  handle: number;
  readonly key: number;
}

/** The object that stands for each node, as long as there is one. */
const objects = new Map<number, WeakRef<GradFn>>();

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Held>((held) => {
        letGo(held);
      });

/** What gives the handle, and does not keep the object. */
function handleOf(held: Held): () => number {
  return () => held.handle;
}

function letGo(held: Held): void {
  const { handle } = held;
  held.handle = 0;
  if (handle <= 0 || !isStarted()) return;
  const known = objects.get(held.key)?.deref();
  if (known === undefined || known._node <= 0) objects.delete(held.key);
  wasm().release_node(handle);
  // Hooks of the node may now be its tensor's alone.
  holdForJob();
}

/** The object for the node of a handle the caller owns: the one there is, or a new one. */
export function gradFnFor(handle: number, of: Tensor | null = null): GradFn {
  const key = wasm().node_key(handle);
  const known = objects.get(key)?.deref();
  if (known !== undefined && known._node > 0) {
    wasm().release_node(handle);
    return known;
  }
  const made = new GradFn(OURS, handle, key, of);
  objects.set(key, new WeakRef(made));
  return made;
}

/** The parameters of the methods that take some. */
const METHODS = {
  registerHook: /* @__PURE__ */ parameters<{ hook: NodeHook }>('registerHook', () => ({ hook: callable })),
  registerPrehook: /* @__PURE__ */ parameters<{ hook: NodePreHook }>('registerPrehook', () => ({ hook: callable })),
};

/** PyTorch's name of something that is kept: `_savedSelf` for what it calls `_saved_self`. */
const savedName = (name: string): string => `_saved${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Defines what the node keeps as properties of its object, each read when it is asked for. */
function defineSaved(of: GradFn, held: Held): void {
  const names = keptNames(held.handle);
  if (names === null) return;
  const define = (name: string, get: () => unknown): void => {
    Object.defineProperty(of, savedName(name), { get, enumerable: false, configurable: true });
  };
  for (const [name, value] of Object.entries(names.attributes)) define(name, () => value);
  for (const [name, at, isNumber] of names.tensors) {
    define(name, () => {
      const handle = checked(wasm().node_kept(held.handle, at));
      if (handle === 0) return null;
      const t = objectFor(handle);
      if (!isNumber) return t;
      const value = t.item();
      t.dispose();
      return value;
    });
  }
}

/**
 * A recorded operation: what made a tensor. Holding it keeps its part of the graph alive.
 *
 * What it keeps for its derivative are properties with PyTorch's names, `_savedSelf`, `_savedOther`, `_savedResult`, `_savedWeight` and
 * so on: tensors, null where no gradient that is wanted needs them, and the other arguments of the call, such as `_savedDim`. Tensors
 * are an error once a backward pass has freed them, or where they were written since. Where PyTorch's op keeps more, or keeps it in
 * another form, the names are those of this library's op.
 */
export class GradFn implements Disposable {
  readonly [saved: `_saved${Capitalize<string>}`]: unknown;
  declare readonly _savedSelf: Tensor | null;
  declare readonly _savedOther: Tensor | null;
  declare readonly _savedResult: Tensor | null;

  /** @internal */
  static readonly _methods = METHODS;

  /** Anything the program wants to keep with the node, as long as it holds this object. */
  readonly metadata: Record<string, unknown> = {};
  private readonly held: Held;
  /** The tensor it was asked of. */
  private readonly of: WeakRef<Tensor> | null;

  static {
    brand(this.prototype);
  }

  /** @internal */
  constructor(ours: typeof OURS, handle: number, key: number, of: Tensor | null) {
    checkOurs(ours, 'Node', 'a tensor has its node as gradFn');
    this.held = { notCloned: NOT_CLONED, handle, key };
    this.of = of === null || typeof WeakRef === 'undefined' ? null : new WeakRef(of);
    registry?.register(this, this.held);
    defineSaved(this, this.held);
  }

  /** @internal The handle; 0 once it was disposed. */
  get _node(): number {
    return this.held.handle;
  }

  /**
   * Runs `hook` after the node with the gradients of its inputs, in the order of `nextFunctions`, and of its outputs; a list
   * it returns replaces the former.
   */
  registerHook(...args: Arguments<{ hook: NodeHook }, ['hook']>): HookHandle {
    const { hook } = METHODS.registerHook.read(args);
    return registerNodeHook(handleOf(this.held), this.of?.deref() ?? null, hook, 'after');
  }

  /** Runs `hook` before the node with the gradients of its outputs; a list it returns replaces them. */
  registerPrehook(...args: Arguments<{ hook: NodePreHook }, ['hook']>): HookHandle {
    const { hook } = METHODS.registerPrehook.read(args);
    return registerNodeHook(handleOf(this.held), this.of?.deref() ?? null, (_, gradOutputs) => hook(gradOutputs), 'before');
  }

  /** PyTorch's name of the node, such as `MulBackward0`. */
  name(): string;
  name(...none: unknown[]): string {
    if (none.length > 0) nothing('name').read(none);
    return nodeName(this.held.handle);
  }

  /** The nodes its inputs came from, with the number of their output; null where no gradient is wanted. */
  get nextFunctions(): readonly (readonly [GradFn | null, number])[] {
    const count = checked(wasm().node_next(this.held.handle));
    const words = Array.from(scratch(0).subarray(0, 2 * count));
    return Array.from({ length: count }, (_, i) => {
      const handle = words[2 * i]!;
      return [handle === 0 ? null : gradFnFor(handle), words[2 * i + 1]!] as const;
    });
  }

  /** The leaf whose `.grad` the node fills, for the ends of a graph. */
  get variable(): Tensor | null {
    const handle = checked(wasm().node_variable(this.held.handle));
    return handle === 0 ? null : objectFor(handle);
  }

  /** Lets go of the graph. */
  dispose(): void {
    letGo(this.held);
  }

  /** The same, at the end of a `using` block. */
  [dispose](): void {
    this.dispose();
  }

  /** A node is not data: an error that says what is. */
  toJSON(): never {
    throw new UsageError('GradFn: a node of the graph cannot be written as JSON; write graph(t), the whole graph of a tensor', 'GradFn');
  }

  toString(): string {
    return `<${this.name()}>`;
  }

  /** As Node shows it. */
  [inspect](): string {
    return this.toString();
  }
}
