// Plain objects: how arguments are given by name.

/**
 * Whether `value` is a plain object, wherever it was made: a literal, one without a prototype, one from another realm or from
 * `structuredClone`. Arrays, tensors, maps, dates and instances of classes are not.
 */
export function isOptions(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  let prototype: unknown;
  try {
    prototype = Object.getPrototypeOf(value);
  } catch {
    // A revoked proxy.
    return false;
  }
  // The literals of another realm have that realm's Object.prototype: an object without a prototype of its own that is not
  // the prototype of a class.
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

/** Whether a value can have properties: an object, or a function, as modules are. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Whether a value answers at all: a revoked proxy throws. */
export function isReadable(value: unknown): boolean {
  try {
    if (isObject(value)) Reflect.getPrototypeOf(value);
    return true;
  } catch {
    return false;
  }
}
