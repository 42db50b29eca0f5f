// Checks before the values of a state dict are copied.
import { ShapeError, UsageError } from '../core/errors';
import { describe } from '../core/describe';
import { isObject } from '../core/plain-object';
import { camelCase } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';

/** Tensors by path. */
export type StateDict = Record<string, Tensor>;

/** The names that did not meet; both empty after a strict load. */
export interface LoadResult {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
  /** Keys that were taken under another name of the module, which they differ from by snake_case against camelCase; left out where there are none. */
  readonly renamedKeys?: Readonly<Record<string, string>>;
}

/** A state without entries. It has no prototype, so that any name is a name, __proto__ too. */
export const emptyState = (): StateDict => Object.create(null) as StateDict;

/** The state with the names of `own`, where a name differs from one of these only by snake_case against camelCase, segment by segment. */
export function renamed(own: StateDict, given: StateDict): { state: StateDict; renamedKeys: Record<string, string> } {
  const state = emptyState();
  const renamedKeys: Record<string, string> = {};
  const camel = (key: string): string => key.split('.').map(camelCase).join('.');
  /** Names of the module that `given` lacks, by their camelCase; null where two have the same. */
  const wanted = new Map<string, string | null>();
  for (const key of Object.keys(own)) {
    if (Object.hasOwn(given, key)) continue;
    wanted.set(camel(key), wanted.has(camel(key)) ? null : key);
  }
  for (const [key, value] of Object.entries(given)) {
    const name = !Object.hasOwn(own, key) && wanted.size > 0 ? (wanted.get(camel(key)) ?? null) : null;
    if (name === null || Object.hasOwn(state, name)) state[key] = value;
    else {
      state[name] = value;
      renamedKeys[key] = name;
    }
  }
  return { state, renamedKeys };
}

/** Throws unless `given` can be a state dict. */
export function checkIsState(given: unknown): void {
  if (!isObject(given) || given instanceof Function) {
    throw new UsageError(`loadStateDict: the state dict must be an object of tensors, got ${describe(given)}`, 'loadStateDict');
  }
}

/** Throws where names did not meet. */
export function checkNames(name: string, { missingKeys, unexpectedKeys }: LoadResult): void {
  if (missingKeys.length + unexpectedKeys.length === 0) return;
  const message = `loadStateDict: the state does not fit ${name}: ${namesOf(missingKeys, unexpectedKeys).join('; ')}`;
  throw new UsageError(message, 'loadStateDict', { missingKeys, unexpectedKeys });
}

function namesOf(missingKeys: readonly string[], unexpectedKeys: readonly string[]): string[] {
  return [
    ...(missingKeys.length > 0 ? [`missing keys: ${missingKeys.join(', ')}`] : []),
    ...(unexpectedKeys.length > 0 ? [`unexpected keys: ${unexpectedKeys.join(', ')}`] : []),
  ];
}

/** Gives what has no shape yet this one. */
export type GiveShape = (this: object, shape: readonly number[]) => Tensor;

/** What gives a tensor of a lazy module its shape, or null where it has one. */
export function shapeless(module: { readonly _unshaped?: Readonly<Record<string, GiveShape>> }, name: string, t: Tensor): GiveShape | null {
  const { materialize } = t as { materialize?: (shape: readonly number[]) => void };
  if (materialize === undefined) {
    const give = module._unshaped?.[name];
    return give === undefined ? null : give.bind(module);
  }
  return (shape) => {
    materialize.call(t, shape);
    return t;
  };
}

/** What `state` has for tensors without a shape, unless it has none there either. */
export function shapesOf(unshaped: ReadonlyMap<string, unknown>, state: Readonly<Record<string, unknown>>): StateDict {
  const found = emptyState();
  for (const path of unshaped.keys()) {
    const given = state[path];
    if (given instanceof Tensor && given.shape.join() !== '0') found[path] = given;
  }
  return found;
}

/** Throws unless every tensor of `state` can be copied into that of `own` with its name. */
export function checkState(name: string, own: StateDict, state: Readonly<Record<string, unknown>>, strict: boolean): LoadResult {
  const missingKeys = Object.keys(own).filter((key) => state[key] === undefined);
  const unexpectedKeys = Object.keys(state).filter((key) => !Object.hasOwn(own, key));
  const problems = strict ? namesOf(missingKeys, unexpectedKeys) : [];
  let shapesDiffer = false;
  for (const [key, target] of Object.entries(own)) {
    const source = state[key];
    if (source === undefined) continue;
    if (!(source instanceof Tensor)) problems.push(`${key} must be a tensor, got ${describe(source)}`);
    else if (source.shape.join() !== target.shape.join()) {
      shapesDiffer = true;
      problems.push(`${key} has shape [${source.shape.join(', ')}] in the state dict and [${target.shape.join(', ')}] in the module`);
    }
  }
  if (problems.length > 0) {
    const message = `loadStateDict: the state does not fit ${name}: ${problems.join('; ')}`;
    const details = { missingKeys, unexpectedKeys };
    throw shapesDiffer ? new ShapeError(message, 'loadStateDict', details) : new UsageError(message, 'loadStateDict', details);
  }
  return { missingKeys, unexpectedKeys };
}
