// Nodes of the graph, to look at.
import { registerNodeHook, type HookHandle, type NodeHook, type NodePreHook } from './hooks';
import { scratch } from './scratch';
import { dispose, inspect } from './symbols';
import { objectFor, type Tensor } from './tensor';
import { checked, isStarted, nodeName, wasm } from './wasm';

interface Held {
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

function letGo(held: Held): void {
  const { handle } = held;
  held.handle = 0;
  if (handle <= 0 || !isStarted()) return;
  const known = objects.get(held.key)?.deref();
  if (known === undefined || known._node <= 0) objects.delete(held.key);
  wasm().release_node(handle);
}

/** The object for the node of a handle the caller owns: the one there is, or a new one. */
export function gradFnFor(handle: number): GradFn {
  const key = wasm().node_key(handle);
  const known = objects.get(key)?.deref();
  if (known !== undefined && known._node > 0) {
    wasm().release_node(handle);
    return known;
  }
  const made = new GradFn(handle, key);
  objects.set(key, new WeakRef(made));
  return made;
}

/** A recorded operation: what made a tensor. Holding it keeps its part of the graph alive. */
export class GradFn implements Disposable {
  /** Anything the program wants to keep with the node, as long as it holds this object. */
  readonly metadata: Record<string, unknown> = {};
  private readonly held: Held;

  /** @internal */
  constructor(handle: number, key: number) {
    this.held = { handle, key };
    registry?.register(this, this.held);
  }

  /** @internal The handle; 0 once it was disposed. */
  get _node(): number {
    return this.held.handle;
  }

  /**
   * Runs `hook` after the node with the gradients of its inputs, in the order of `nextFunctions`, and of its outputs; a list
   * it returns replaces the former.
   */
  registerHook(hook: NodeHook): HookHandle {
    return registerNodeHook(() => this.held.handle, hook, 'after');
  }

  /** Runs `hook` before the node with the gradients of its outputs; a list it returns replaces them. */
  registerPrehook(hook: NodePreHook): HookHandle {
    return registerNodeHook(() => this.held.handle, (_, gradOutputs) => hook(gradOutputs), 'before');
  }

  /** PyTorch's name of the node, such as `MulBackward0`. */
  name(): string {
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

  toString(): string {
    return `<${this.name()}>`;
  }

  /** As Node shows it. */
  [inspect](): string {
    return this.toString();
  }
}
