// Functions of the user's that run while gradients are computed.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { UsageError } from '../core/errors';
import { CALLBACK_NODE_THREW, CALLBACK_NODE_UNCHANGED, CALLBACK_THREW, CALLBACK_UNCHANGED } from '../generated/abi';
import { GraphTable } from '../runtime/graph-table';
import { scratch } from '../runtime/scratch';
import { Tensor, wrap } from '../tensor/tensor';
import { checked, rememberThrown } from '../runtime/last-error';
import { release, setHost, wasm } from '../runtime/wasm';

/** Sees a gradient; a tensor it returns replaces it. */
export type Hook = (gradient: Tensor) => Tensor | null | undefined | void; // eslint-disable-line @typescript-eslint/no-invalid-void-type -- a hook without return is the usual one

/** A registered hook. */
export interface HookHandle {
  /** Takes the hook away. */
  remove(): void;
}

/** Sees the gradients of a node's inputs and outputs; a list it returns replaces the former. */
export type NodeHook = (
  gradInputs: readonly (Tensor | null)[],
  gradOutputs: readonly (Tensor | null)[],
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as above
) => readonly (Tensor | null)[] | null | undefined | void;

/** Sees the gradients of a node's outputs before it runs; a list it returns replaces them. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as above
export type NodePreHook = (gradOutputs: readonly (Tensor | null)[]) => readonly (Tensor | null)[] | null | undefined | void;

const callbacks = new GraphTable<Hook>();
const nodeCallbacks = new GraphTable<NodeHook>();
let lastId = 0;

/** Runs a hook on a node with the gradients in the scratch area; what it returns goes there. */
function runNodeHook(id: number, inputs: number, outputs: number): number {
  const words = Array.from(scratch(0).subarray(0, inputs + outputs), (handle) => (handle === 0 ? null : wrap(handle)));
  const result = nodeCallbacks.need(id)?.(words.slice(0, inputs), words.slice(inputs));
  if (result == null) return CALLBACK_NODE_UNCHANGED;
  const handles = Array.from(Array.isArray(result) ? (result as readonly unknown[]) : [result], (g) => {
    if (g == null) return 0;
    if (!(g instanceof Tensor)) throw new UsageError(`registerHook: a hook on a node must return tensors or null, got ${describe(g)}`, 'registerHook');
    if (g._handle <= 0) throw disposedError('registerHook', g);
    return checked(wasm().alias(g._handle));
  });
  scratch(handles.length).set(handles);
  return handles.length;
}

setHost({
  hook(id, gradient) {
    try {
      const callback = callbacks.need(id);
      if (callback === undefined) {
        // It was removed from a tensor that no longer leads to the node that holds it.
        release(gradient);
        return CALLBACK_UNCHANGED;
      }
      const result = callback(wrap(gradient));
      if (result == null) return CALLBACK_UNCHANGED;
      if (!(result instanceof Tensor)) {
        throw new UsageError(`registerHook: a hook must return a tensor or nothing, got ${describe(result)}`, 'registerHook');
      }
      if (result._handle <= 0) throw disposedError('registerHook', result);
      return checked(wasm().alias(result._handle));
    } catch (error) {
      rememberThrown(error);
      return CALLBACK_THREW;
    }
  },
  nodeHook(id, inputs, outputs) {
    try {
      return runNodeHook(id, inputs, outputs);
    } catch (error) {
      rememberThrown(error);
      return CALLBACK_NODE_THREW;
    }
  },
  forget(id) {
    callbacks.delete(id);
    nodeCallbacks.delete(id);
  },
});

/** The key of the node that made a tensor; 0 for a leaf, less where it cannot be told. */
export function nodeKey(t: Tensor): number {
  const node = wasm().grad_fn(t._handle);
  if (node <= 0) return node;
  const key = wasm().node_key(node);
  wasm().release_node(node);
  return key;
}

/** Registers `hook` for the gradient of `t`, or for the moment it has been accumulated. */
export function registerHook(t: Tensor, hook: Hook, when: 'gradient' | 'accumulated'): HookHandle {
  if (typeof hook !== 'function') throw new UsageError(`registerHook: must be given a function, got ${describe(hook)}`, 'registerHook');
  refuseInCapture('registerHook', 'hook');
  if (t._handle <= 0) throw disposedError('registerHook', t);
  const exports = wasm();
  const id = ++lastId;
  callbacks.set(id, hook, t, when === 'gradient' ? nodeKey(t) : 0);
  const number = checked(
    when === 'gradient' ? exports.register_hook(t._handle, id) : exports.register_post_accumulate_hook(t._handle, id),
  );
  return {
    remove() {
      if (t._handle > 0 && wasm().remove_hook(t._handle, number) > 0) return;
      // The graph may hold the hook where the tensor no longer leads to it: without its function it does nothing.
      callbacks.delete(id);
    },
  };
}

/**
 * Registers `hook` on a node, to run before or after it; `node` gives its handle, 0 once it was let go of, and `of` the tensor it was asked
 * of, where that still lives.
 */
export function registerNodeHook(node: () => number, of: Tensor | null, hook: NodeHook, when: 'before' | 'after'): HookHandle {
  if (typeof hook !== 'function') throw new UsageError(`registerHook: must be given a function, got ${describe(hook)}`, 'registerHook');
  refuseInCapture('registerHook', 'hook');
  const id = ++lastId;
  nodeCallbacks.set(id, hook, of, wasm().node_key(node()));
  const number = checked(wasm().register_node_hook(node(), id, when === 'before' ? 1 : 0));
  return {
    remove() {
      const handle = node();
      if (handle > 0) wasm().remove_node_hook(handle, number);
      else nodeCallbacks.delete(id);
    },
  };
}
