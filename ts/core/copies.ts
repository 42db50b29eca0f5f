// Two copies of the package in one program, as where one part imports it and another requires it, each have their own
// classes, memory and graph. An object of one is nothing to the other, so where they meet the error says so.

import { isObject } from './plain-object';

/** The key under which the prototypes of this package's classes carry the copy they belong to; the same in every copy. */
const BRAND: unique symbol = Symbol.for('adjoint.copy') as never;

/** This copy. */
const COPY: object = {};

/** Marks the objects of a class as this copy's; subclasses inherit that. */
export function brand(prototype: object): void {
  Object.defineProperty(prototype, BRAND, { value: COPY });
}

/** Whether `value` is an object of another copy of the package. What cannot be read, such as a revoked proxy, is none. */
export function isForeign(value: unknown): boolean {
  if (!isObject(value)) return false;
  try {
    return BRAND in value && value[BRAND] !== COPY;
  } catch {
    return false;
  }
}

/** What error messages say of such an object, after its class. */
export const OF_ANOTHER_COPY =
  'of another copy of adjoint (two copies are loaded in this program, as by import and by require, or two versions: load one of them, in one way)';
