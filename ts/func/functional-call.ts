// Modules as functions of their parameters: PyTorch's torch.func.functional_call.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { join, tensorSlots, type TensorSlot } from '../nn/listings';
import { MemberOwner } from '../nn/members';
import type { Module } from '../nn/module';
import { extraOf } from '../runtime/owner';
import { Tensor } from '../tensor/tensor';
import { anyObject, anything, boolean, instanceOf, type Kind } from '../core/kinds';
import { named, parameters, type Stated, type Values } from '../core/options';
import { isOptions } from '../core/plain-object';

/** The options of `functionalCall`. */
export interface FunctionalCallOptions {
  /** Whether parameters that are one object under several names are replaced under all. */
  tieWeights?: boolean;
  /** Whether every parameter and buffer must be given, and nothing else. */
  strict?: boolean;
}

function slotsOf(module: Module): Map<string, TensorSlot> {
  return new Map(module.namedModules('', false).flatMap(([path, part]) => tensorSlots(part).map(([name, slot]) => [join(path, name), slot] as const)));
}

/** Throws where one parameter that has several names is given two values. */
function checkTies(slots: ReadonlyMap<string, TensorSlot>, given: Readonly<Record<string, unknown>>): void {
  const first = new Map<unknown, string>();
  for (const [path, slot] of slots) {
    if (!(path in given)) continue;
    const held = slot.get();
    const other = first.get(held);
    if (other === undefined) first.set(held, path);
    else if (given[other] !== given[path]) {
      throw new UsageError(`functionalCall: ${other} and ${path} are one parameter but were given two values; pass tieWeights: false to untie them`, 'functionalCall');
    }
  }
}

/** Values by path, or several such records. */
type Records = Readonly<Record<string, Tensor>> | readonly Readonly<Record<string, Tensor>>[];

interface FunctionalCallArguments extends FunctionalCallOptions {
  module: Module;
  parameterAndBufferDicts: Records;
  /** The arguments, or the one argument. */
  args?: unknown;
  /** Arguments by name. */
  kwargs?: Readonly<Record<string, unknown>> | null;
}

/** The function `functionalCall`. */
interface FunctionalCall extends Stated {
  <M extends Module>(
    module: M,
    parameterAndBufferDicts: Records,
    args?: Parameters<M['forward']> | Tensor | null,
    kwargs?: Readonly<Record<string, unknown>> | null | FunctionalCallOptions,
  ): ReturnType<M['forward']>;
  <M extends Module>(
    module: M,
    parameterAndBufferDicts: Records,
    args: Parameters<M['forward']> | Tensor | null,
    kwargs: Readonly<Record<string, unknown>> | null,
    options: FunctionalCallOptions,
  ): ReturnType<M['forward']>;
  <M extends Module>(options: FunctionalCallArguments & { module: M }): ReturnType<M['forward']>;
}

/**
 * Calls `module` with other parameters and buffers, given by path as `namedParameters()` names them (or as a list of such
 * records), and leaves it as it was: `grad((p) => functionalCall(model, p, x).sum())(parameters)`. Gradients flow to the
 * tensors given. `args` is the list of arguments, or the one argument.
 *
 * Names the module does not have are ignored, as in PyTorch, unless `strict` is set.
 *
 * @throws UsageError with `strict` for a name the module does not have and for one that is missing; for two values of tied parameters.
 */
export const functionalCall: FunctionalCall = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<FunctionalCallArguments>(
    'functionalCall',
    () => ({
      module: instanceOf('a module', () => MemberOwner as unknown as typeof Module),
      parameterAndBufferDicts: anyObject,
      args: anything.orNull(),
      kwargs: (anyObject as Kind<Readonly<Record<string, unknown>>>).orNull(),
      tieWeights: boolean.or(true),
      strict: boolean.or(false),
    }),
    2,
  ),
  callWith,
);

function callWith({ module, parameterAndBufferDicts: parametersAndBuffers, args, kwargs, tieWeights, strict }: Values<FunctionalCallArguments>): unknown {
  const records = (Array.isArray(parametersAndBuffers) ? parametersAndBuffers : [parametersAndBuffers]) as readonly Readonly<Record<string, unknown>>[];
  for (const record of records) {
    if (isOptions(record)) continue;
    throw new UsageError(`functionalCall: the parameters must be an object of tensors by path, got ${describe(record)}`, 'functionalCall');
  }
  const given = Object.fromEntries(records.flatMap((record) => Object.entries(record)));
  const slots = slotsOf(module);
  const seen = new Set<string>();
  for (const path of records.flatMap((record) => Object.keys(record))) {
    if (seen.has(path)) throw new UsageError(`functionalCall: ${path} appeared in several records; which of them counts is ambiguous`, 'functionalCall');
    seen.add(path);
  }
  const heldAt = (path: string): unknown => slots.get(path)?.get();
  const covered = new Set(tieWeights ? Object.keys(given).map(heldAt) : []);
  const unknownNames = strict ? Object.keys(given).filter((path) => !slots.has(path)) : [];
  const missing = strict ? [...slots].filter(([path, slot]) => slot.isRegistered && !(path in given) && !covered.has(slot.get())).map(([path]) => path) : [];
  if (unknownNames.length > 0 || missing.length > 0) {
    const problems = [
      ...(unknownNames.length > 0 ? [`unexpected keys: ${unknownNames.join(', ')}`] : []),
      ...(missing.length > 0 ? [`missing keys: ${missing.join(', ')}`] : []),
    ];
    throw new UsageError(`functionalCall: ${problems.join('; ')}`, 'functionalCall');
  }
  if (tieWeights) checkTies(slots, given);
  const changes: { slot: TensorSlot; before: Tensor; after: Tensor }[] = [];
  for (const [path, t] of Object.entries(given)) {
    if (!(t instanceof Tensor)) throw new UsageError(`functionalCall: ${path} must be a tensor, got ${describe(t)}`, 'functionalCall');
    const slot = slots.get(path);
    if (slot === undefined) continue;
    const before = slot.get();
    for (const [other, tied] of slots) {
      const isSame = other === path || (tieWeights && !(other in given) && tied.get() === before);
      if (isSame) changes.push({ slot: tied, before, after: t });
    }
  }
  // A module keeps the tensors it holds from being released by scopes, unless they are kept already; these it holds for this call only.
  const loose = new Set(changes.map(({ after }) => after).filter((t) => t._extra?.kept !== true));
  for (const t of loose) extraOf(t).kept = true;
  try {
    for (const { slot, after } of changes) slot.set(after);
    const list: readonly unknown[] = Array.isArray(args) ? args : args === null ? [] : [args];
    const given = kwargs === null ? list : [...list, kwargs];
    return (module as { call(...args: unknown[]): unknown }).call(...given);
  } finally {
    for (const { slot, before } of changes.reverse()) slot.set(before);
    for (const t of loose) extraOf(t).kept = false;
  }
}
