// What a rule is: how a call is made of calls of few ops.
import type { Builder, Id } from './builder';
import type { Attribute, LoweredValue } from './record';

/** A call to be taken apart. */
export interface Call {
  readonly op: string;
  readonly inputs: readonly (Id | null)[];
  /** The parameter that each input is given for. */
  readonly parameters: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Shapes and dtypes of what it gives. */
  readonly outputs: readonly LoweredValue[];
}

/** Makes a call of others: its outputs, `undefined` for one that nothing reads; `null` leaves the call as it is. */
export type Rule = (b: Builder, call: Call) => readonly (Id | undefined)[] | null;

/** An input that must be there. */
export function input(call: Call, i: number): Id {
  const id = call.inputs[i];
  if (id === null || id === undefined) throw new Error(`${call.op} of a captured function lacks its input ${i}`);
  return id;
}

/** A number among the attributes. */
export function numberOf(call: Call, name: string): number {
  return Number(call.attributes[name]);
}

/** Integers among the attributes: one, or a list; null where they are left out. */
export function integersOf(call: Call, name: string): readonly number[] | null {
  const given = call.attributes[name];
  if (given === null || given === undefined) return null;
  return typeof given === 'object' ? given.map(Number) : [Number(given)];
}

/** A dim from the start. */
export function dimOf(dim: number, rank: number): number {
  return dim < 0 ? dim + Math.max(rank, 1) : dim;
}
