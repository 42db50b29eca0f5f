// A captured program in functional form over few ops: what exporters and other engines read.
import { runAgain, type HostPart } from '../core/capturing';
import { checked } from '../runtime/last-error';
import { loweredJson } from '../runtime/texts';
import { wasm } from '../runtime/wasm';
import { wrap, type Tensor } from '../tensor/tensor';
import type { CapturedFunction } from './capture';
import { inCoreForm } from './core-form/rules';
import type { LoweredRecord, RawRecord } from './core-form/record';
import { initialSeed } from '../tensor/random';

export type { Attribute, LoweredCall, LoweredConstant, LoweredRecord, LoweredValue } from './core-form/record';

/** A record in functional form, with what its constants hold. */
export interface Lowered {
  readonly record: LoweredRecord;
  /** What a constant holds before the next step, to be released by the caller; null where its elements are in the record. */
  constant(value: number): Tensor | null;
  /** Releases what it holds. */
  dispose(): void;
}

/**
 * The record of `program` in functional form: every value is made once and nothing is written.
 *
 * Derivatives are the ops that their formulas call, composites the ops of their bodies, and ops that are no part of the public API are
 * taken apart, so that few are left; an op without a rule for that stays as it is. `updates` says what parameters, buffers, states of
 * optimizers and gradients that add up hold after a step. Steps of optimizers are ops, too: the learning rate is a constant named
 * `lr`, of each group one, which the host may set before a step; the count of steps is a constant `step`, a 0-dim float32 that an
 * update raises by 1. Random ops are made of the op `rand` of a counter, a constant `random` that each run raises by 1, so that engines
 * draw other numbers than the CPU. What else a step takes from the host must not change, or the step stays as it is and is refused by targets.
 */
export function lowered(program: CapturedFunction): Lowered {
  const { id, parts } = program._program;
  const lowering = checked(wasm().program_lower(id));
  const free = (): void => { wasm().lowered_free(lowering); };
  try {
    const raw = JSON.parse(loweredJson(lowering)) as RawRecord;
    const names = new Map(program.record.constants.map(({ value, name }) => [value, name]));
    const { record, sources } = inCoreForm(raw, names, stepNumbers(parts), counterStart(initialSeed()));
    return {
      record,
      constant(value) {
        const source = sources.get(value);
        return source === undefined ? null : wrap(checked(wasm().lowered_constant(lowering, source)));
      },
      dispose: free,
    };
  } catch (error) {
    free();
    throw error;
  }
}

/** Where the counter of random numbers begins, 31 bits: far apart for seeds that are near. Knuth's multiplicative hash. */
const counterStart = (seed: bigint): number => Math.imul(Number(BigInt.asIntN(32, seed ^ (seed >> 32n))), 0x9e3779b1) >>> 1;

/** The numbers that the next two steps of optimizers take of the host, which counts no step by that. */
function stepNumbers(parts: readonly HostPart[]): readonly [readonly number[], readonly number[]] {
  if (parts.length === 0) return [[], []];
  const before = parts.map(({ state }) => [...state].map(([p, of]) => [p, { ...of }] as const));
  try {
    return [runAgain(parts), runAgain(parts)];
  } finally {
    parts.forEach(({ state }, i) => {
      for (const [p, was] of before[i]!) {
        const now = state.get(p);
        if (now !== undefined) Object.assign(now, was);
      }
    });
  }
}
