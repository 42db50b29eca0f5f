// Exports that take or return text, by way of the glue.
import * as glue from '../../dist/wasm/adjoint_wasm.js';
import { lastError } from './last-error';
import { wasm } from './wasm';

/** The name of the node that made a tensor, PyTorch's; empty for leaves. */
export function gradFnName(h: number): string {
  wasm();
  return glue.grad_fn_name(h);
}

/** The name of a node. */
export function nodeName(node: number): string {
  wasm();
  return glue.node_name(node);
}

/** What a node keeps for its derivative. */
export interface KeptNames {
  /** PyTorch's name, where the node keeps it, and whether it is a number beside tensors. */
  readonly tensors: readonly (readonly [name: string, at: number, isNumber: boolean])[];
  /** The other arguments of the call. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The names of what a node keeps for its derivative, or null for one that is no op. */
export function keptNames(node: number): KeptNames | null {
  wasm();
  const text = glue.node_kept_names(node);
  return text === '' ? null : (JSON.parse(text) as KeptNames);
}

/** What lives, by the operation that made it. */
export function memoryByOp(): Record<string, { storages: number; bytes: number }> {
  wasm();
  return JSON.parse(glue.memory_by_op()) as Record<string, { storages: number; bytes: number }>;
}

/** A captured program as JSON. */
export function programJson(id: number): string {
  wasm();
  return glue.program_json(id);
}

/** A captured program in functional form, by the number of that, as JSON. */
export function loweredJson(id: number): string {
  wasm();
  return glue.lowered_json(id);
}

/** The graph that the words in the scratch area ask for, as JSON. */
export function graphJson(words: number): string {
  wasm();
  const text = glue.graph_json(words);
  if (text === '') throw lastError();
  return text;
}

/** Begins a stretch of a profile. */
export function profileBegin(name: string): void {
  wasm();
  glue.profile_begin(name);
}

/** Ends the profile and returns it as JSON. */
export function profileFinish(): string {
  wasm();
  return glue.profile_finish();
}
