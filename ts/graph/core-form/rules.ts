// Taking ops apart: the record over few ops from that of the instance.
import { ACTIVATIONS } from './activations';
import { Builder, type Id } from './builder';
import { CONTRACTIONS } from './contractions';
import { ELEMENTWISE } from './elementwise';
import { LAYERS } from './layers';
import { RANDOM } from './random';
import type { LoweredConstant, LoweredRecord, LoweredValue, RawCall, RawRecord } from './record';
import { REDUCTIONS } from './reductions';
import type { Call, Rule } from './rule';
import { SHAPES } from './shapes';
import { STEPS, StepNumbers } from './steps';

const RULES: Readonly<Record<string, Rule>> = { ...ELEMENTWISE, ...ACTIVATIONS, ...SHAPES, ...REDUCTIONS, ...CONTRACTIONS, ...LAYERS, ...RANDOM };

/** A record over few ops, and which of the instance's constants hold the elements of its own. */
export interface CoreForm {
  readonly record: LoweredRecord;
  readonly sources: ReadonlyMap<Id, number>;
}

/**
 * The record `raw` over few ops. `names` are those of constants of the program, `numbers` those that the next two steps of optimizers
 * take of the host, `seed` where the counter of random numbers begins.
 */
export function inCoreForm(
  raw: RawRecord, names: ReadonlyMap<number, string | undefined>, numbers: readonly [readonly number[], readonly number[]], seed: number,
): CoreForm {
  const b = new Builder(seed);
  const ids: (Id | undefined)[] = [];
  const sources = new Map<Id, number>();
  const inputs = raw.inputs.map((value) => (ids[value] = b.value(raw.values[value]!)));
  for (const { value, of, gradientOf, number, isNumber } of raw.constants) {
    const facts = raw.values[value]!;
    if (number !== undefined) {
      ids[value] = isNumber === true ? b.number(facts, Number(number)) : b.filled(Number(number), facts.dtype, facts.shape);
      continue;
    }
    const leaf = gradientOf === undefined ? undefined : names.get(gradientOf);
    const name = gradientOf === undefined ? (of === undefined ? undefined : names.get(of)) : leaf === undefined ? undefined : `${leaf}.grad`;
    ids[value] = b.constant(facts, name === undefined ? {} : { name });
    sources.set(ids[value], value);
  }
  const given = new StepNumbers(b, numbers);
  const id = (value: number): Id => {
    const found = ids[value];
    if (found === undefined) throw new Error(`value ${value} of a captured function is read, and no rule made it`);
    return found;
  };
  for (const call of raw.calls) {
    // What a rule did not make is read by none, or said to be missing by the one that reads it.
    const read = call.inputs.map((value) => (value === null ? null : ids[value] ?? null));
    const made = callOf(b, call, read, raw, given);
    call.outputs.forEach((value, i) => { if (value !== null) ids[value] = made[i]; });
  }
  const updates = raw.updates.map(([constant, value]) => ({ constant: id(constant), value: id(value) }));
  const record: LoweredRecord = {
    values: b.values,
    inputs,
    outputs: raw.outputs.map(id),
    constants: b.constants,
    calls: b.calls,
    updates: [...updates, ...given.updates(), ...b.draws()],
    gradients: raw.gradients.map(([constant, value]) => ({ constant: id(constant), value: id(value) })),
  };
  return pruned(record, sources);
}

/** What takes the place of a call: its outputs. */
function callOf(b: Builder, raw: RawCall, inputs: readonly (Id | null)[], { values }: RawRecord, given: StepNumbers): readonly (Id | undefined)[] {
  const outputs = raw.outputs.map((value): LoweredValue => (value === null ? { dtype: 'float32', shape: [] } : values[value]!));
  const call: Call = { op: raw.op, inputs, parameters: raw.parameters, attributes: raw.attributes, outputs };
  if (raw.isStep === true) {
    const numbers = given.of(raw.attributes);
    const step = numbers === null ? undefined : STEPS[raw.op]?.(b, call, numbers);
    if (step !== undefined) return step;
  }
  const made = RULES[raw.op]?.(b, call) ?? null;
  if (made !== null) return made;
  const missing = raw.inputs.findIndex((value, i) => value !== null && inputs[i] === null);
  if (missing >= 0) throw new Error(`${raw.op} of a captured function lacks its input ${missing}`);
  return b.call(raw.op, inputs, raw.attributes, outputs);
}

/** The record without what nothing reads, its values numbered anew. */
function pruned(record: LoweredRecord, sources: ReadonlyMap<Id, number>): CoreForm {
  const needed = new Set([...record.inputs, ...record.outputs, ...[...record.updates, ...record.gradients].flatMap(({ constant, value }) => [constant, value])]);
  const calls = [...record.calls].reverse().filter(({ inputs, outputs }) => {
    if (!outputs.some((value) => needed.has(value))) return false;
    for (const value of inputs) if (value !== null) needed.add(value);
    for (const value of outputs) needed.add(value);
    return true;
  }).reverse();
  const numbers = new Map<Id, number>();
  record.values.forEach((_, value) => { if (needed.has(value)) numbers.set(value, numbers.size); });
  const id = (value: Id): number => numbers.get(value)!;
  const pairs = (list: LoweredRecord['updates']): LoweredRecord['updates'] => list.map(({ constant, value }) => ({ constant: id(constant), value: id(value) }));
  return {
    record: {
      values: record.values.filter((_, value) => needed.has(value)),
      inputs: record.inputs.map(id),
      outputs: record.outputs.map(id),
      constants: record.constants.filter(({ value }) => needed.has(value)).map((constant): LoweredConstant => ({ ...constant, value: id(constant.value) })),
      calls: calls.map(({ op, inputs, attributes, outputs }) => ({ op, inputs: inputs.map((value) => (value === null ? null : id(value))), attributes, outputs: outputs.map(id) })),
      updates: pairs(record.updates),
      gradients: pairs(record.gradients),
    },
    sources: new Map([...sources].filter(([value]) => needed.has(value)).map(([value, source]) => [id(value), source])),
  };
}
