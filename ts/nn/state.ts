// Checks before the values of a state dict are copied.
import { ShapeError, UsageError } from '../errors';
import { describe } from '../describe';
import { Tensor } from '../tensor';

/** Tensors by path. */
export type StateDict = Record<string, Tensor>;

/** The names that did not meet; both empty after a strict load. */
export interface LoadResult {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

/** Throws unless every tensor of `state` can be copied into that of `own` with its name. */
export function checkState(name: string, own: StateDict, given: unknown, strict: boolean): LoadResult {
  if (typeof given !== 'object' || given === null) {
    throw new UsageError(`loadStateDict: the state dict must be an object of tensors, got ${describe(given)}`, 'loadStateDict');
  }
  const state = given as Readonly<Record<string, unknown>>;
  const missingKeys = Object.keys(own).filter((key) => state[key] === undefined);
  const unexpectedKeys = Object.keys(state).filter((key) => own[key] === undefined);
  const problems: string[] = [];
  if (strict && missingKeys.length > 0) problems.push(`missing keys: ${missingKeys.join(', ')}`);
  if (strict && unexpectedKeys.length > 0) problems.push(`unexpected keys: ${unexpectedKeys.join(', ')}`);
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
