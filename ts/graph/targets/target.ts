// What exporters share: which ops a target has, and what goes into and out of a step.
import { UsageError } from '../../core/errors';
import { instanceOf } from '../../core/kinds';
import { named, parameters, type Stated } from '../../core/options';
import { noGrad } from '../../autograd/autograd';
import { full } from '../../generated/functions';
import type { Tensor } from '../../tensor/tensor';
import { CapturedFunction } from '../capture';
import type { LoweredCall, LoweredConstant, LoweredRecord } from '../core-form/record';
import { lowered, type Lowered } from '../lowered';

/** What writes a captured function as a program of another engine. */
export type Exporter<Program> = Stated & ((captured: CapturedFunction | { captured: CapturedFunction }) => Program);

/** The exporter of this name, which `write` is of a record in functional form. */
export function exporter<Program>(name: string, write: (form: Lowered) => Program): Exporter<Program> {
  return named(
    parameters<{ captured: CapturedFunction }>(name, () => ({ captured: instanceOf<CapturedFunction>('a captured function', () => CapturedFunction) })),
    ({ captured }) => {
      const form = lowered(captured);
      try {
        return write(form);
      } finally {
        form.dispose();
      }
    },
  );
}

/** What a step takes besides its inputs: a constant that an update changes, or that a host may change. */
export interface State {
  readonly constant: LoweredConstant;
  readonly name: string;
  /** The value that takes its place; null where a step leaves it as it is. */
  readonly next: number | null;
}

/** Fails where the record has ops that a target lacks, naming all of them. */
export function checkOps(target: string, record: LoweredRecord, has: (call: LoweredCall) => boolean): void {
  const half = record.values.find(({ dtype }) => dtype === 'float16' || dtype === 'bfloat16');
  if (half !== undefined) throw new UsageError(`${target}: has no ${half.dtype}; capture the function in float32`, target, { dtype: half.dtype });
  const lacking = new Map<string, number>();
  for (const call of record.calls) if (!has(call)) lacking.set(call.op, (lacking.get(call.op) ?? 0) + 1);
  if (lacking.size === 0) return;
  const list = [...lacking].map(([op, count]) => `${op} (${count})`).join(', ');
  throw new UsageError(`${target}: has no rule for ${list}; compute with other operations, or export what is before them`, target, { ops: [...lacking.keys()] });
}

/** The constants that are state: those with a name that has a tensor or a number of a step, and all that is changed. */
export function stateOf(record: LoweredRecord): readonly State[] {
  const next = new Map(record.updates.map(({ constant, value }) => [constant, value]));
  return record.constants
    .filter(({ value, name, number, elements }) => next.has(value) || (name !== undefined && (number !== undefined || elements === undefined)))
    .map((constant) => ({ constant, name: constant.name ?? `state_${constant.value}`, next: next.get(constant.value) ?? null }));
}

/** The greatest constant without a name that is written out as text. */
const WRITTEN_OUT = 65536;

/** The bytes of a constant that is a tensor of the program. */
export function bytesOf(lowered: Lowered, value: number): Uint8Array {
  const values = valuesOf(lowered, value);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function valuesOf(lowered: Lowered, value: number): ReturnType<Tensor['toTypedArray']> {
  const t = lowered.constant(value)!;
  try {
    return noGrad(() => t.contiguous().toTypedArray().slice());
  } finally {
    t.dispose();
  }
}

/** The elements of a constant in order, or what all of them are. */
export function elementsOf(target: string, lowered: Lowered, { value, number, elements }: LoweredConstant): number | readonly number[] {
  if (number !== undefined) return number;
  if (elements !== undefined) return elements;
  const { shape } = lowered.record.values[value]!;
  if (shape.reduce((a, b) => a * b, 1) > WRITTEN_OUT) {
    throw new UsageError(`${target}: the function uses a tensor of shape [${shape.join(', ')}] that is neither an input nor a parameter or buffer; make it a buffer`, target);
  }
  return Array.from(valuesOf(lowered, value) as ArrayLike<number | bigint>, Number);
}

/** The tensors that a step begins with, by name, to be saved beside a program. The caller releases them. */
export function parametersOf(lowered: Lowered, states: readonly State[]): Record<string, Tensor> {
  const of = ({ value, number }: LoweredConstant): Tensor => {
    const { dtype, shape } = lowered.record.values[value]!;
    const held = lowered.constant(value);
    if (held === null) return full([...shape], number!, { dtype });
    // What is saved is no later step's.
    const copy = noGrad(() => held.clone());
    held.dispose();
    return copy;
  };
  return Object.fromEntries(states.map(({ constant, name }) => [name, of(constant)]));
}
