// A step over many parameters as one call of an op.
import { hostParts, hostReplay, type HostReplay } from '../core/capturing';
import { UsageError } from '../core/errors';
import { disposedError } from '../runtime/disposed';
import { checked } from '../runtime/last-error';
import { scratch } from '../runtime/scratch';
import { callN, crashed, wasm } from '../runtime/wasm';
import { begin, putArgument, putGradients, written } from '../tensor/arguments';
import { opId } from '../tensor/call';
import type { Tensor } from '../tensor/tensor';

/** Those of a group's parameters that have gradients; no object is made for these. */
export function withGradients(optimizer: object, params: readonly Tensor[]): readonly Tensor[] {
  if (hostReplay !== null) return hostReplay.part.withGradients[hostReplay.lists++] as readonly Tensor[];
  const found = findGradients(optimizer, params);
  hostParts.at(-1)?.withGradients.push(found);
  return found;
}

function findGradients(optimizer: object, params: readonly Tensor[]): readonly Tensor[] {
  const count = params.length;
  const area = scratch(count);
  for (let i = 0; i < count; i++) {
    const handle = params[i]!._handle;
    if (handle <= 0) throw disposedError(`${optimizer.constructor.name}.step`, params[i]!);
    area[i] = handle;
  }
  try {
    checked(wasm().have_grads(count));
  } catch (e) {
    throw crashed(e);
  }
  // Memory that grew is seen through another array.
  const has = scratch(count);
  for (let i = 0; i < count; i++) if (has[i] === 0) return params.filter((_, j) => has[j] === 1);
  return params;
}

/** What a step takes besides tensors: options, and lists of one number a parameter. */
export type StepNumber = number | boolean | readonly number[];

/** The op of a step. It takes the parameters, their gradients, what is remembered of each list by list, and numbers. */
export class StepOp {
  readonly #name: string;
  #id = -1;

  constructor(name: string) {
    this.#name = name;
  }

  /** Takes a step of `params`, all of which have gradients. `states` are lists as long, or empty where these options do without. */
  take(params: readonly Tensor[], states: readonly (readonly Tensor[])[], numbers: readonly StepNumber[]): void {
    if (hostReplay !== null) {
      takeAgain(hostReplay, [params, ...states], numbers);
      return;
    }
    if (this.#id < 0) this.#id = opId(this.#name);
    begin();
    putArgument('step', params);
    putGradients(0);
    for (const state of states) putArgument('step', state);
    for (const number of numbers) putArgument('step', number);
    let result: number;
    try {
      result = callN(this.#id, written());
    } catch (e) {
      throw crashed(e);
    }
    checked(result);
    hostParts.at(-1)?.taken.push([params, ...states]);
  }
}

/** What a replay does of a call: it takes the numbers. The tensors are those of the record. */
function takeAgain(replay: HostReplay, tensors: readonly (readonly Tensor[])[], numbers: readonly StepNumber[]): void {
  const held = replay.part.taken[replay.calls++];
  const isSame = held?.length === tensors.length && held.every((list, i) => list.length === tensors[i]!.length && list.every((t, j) => t === tensors[i]![j]));
  if (!isSame) {
    const why = 'the parameters of an optimizer, or what it remembers of them, were replaced since the capture; capture again';
    throw new UsageError(`captured function: ${why}`, 'run');
  }
  for (const number of numbers) {
    for (const each of typeof number === 'object' ? number : [number]) replay.numbers.push(Number(each));
  }
}
