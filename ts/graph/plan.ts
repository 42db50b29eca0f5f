// What a replay does and where it has its values, to be read.
import type { CapturedRecord } from './capture';

/** One instruction of a plan: a call, or one of the gradients of a call. Values are named as in the record. */
export interface PlannedCall {
  /** The op's public name. */
  readonly op: string;
  /** Whether its kernel runs alone; what is not prepared is dispatched as ever. */
  readonly isPrepared: boolean;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The values that nothing reads afterwards. */
  readonly dead: readonly number[];
}

/** Where a plan has a value that it makes. */
export interface PlannedPlace {
  readonly value: number;
  /** Bytes of its elements. */
  readonly bytes: number;
  /** The buffer it is in; null for what has a storage of its own, since it leaves the program or is made by what is not prepared. */
  readonly buffer: number | null;
  /** The value it overwrites, which nothing reads any more. */
  readonly over: number | null;
}

/** What replays of a record do, found out at the first one. */
export interface CapturedPlan {
  readonly calls: readonly PlannedCall[];
  readonly places: readonly PlannedPlace[];
  /** The bytes of each buffer, which the record keeps from one replay to the next. */
  readonly buffers: readonly number[];
  /** How many steps the record has; a plan has fewer where some are equal or nothing reads what they make. */
  readonly steps: number;
  /** A line for each instruction, with the place of its result. */
  toString(): string;
}

/** The data of a plan as an instance gives it. */
export type PlanData = Omit<CapturedPlan, 'toString'>;

/** A plan with its text. */
export function planOf(data: PlanData, { values, constants, inputs }: CapturedRecord): CapturedPlan {
  const names = new Map(constants.map(({ value, number, name }) => [value, number ?? name]));
  const name = (n: number): string => names.get(n) ?? `%${n}`;
  const places = new Map(data.places.map((place) => [place.value, place]));
  const place = (n: number): string => {
    const at = places.get(n);
    if (at === undefined) return '';
    const where = at.buffer === null ? 'its own storage' : `buffer ${at.buffer}`;
    const over = at.over === null ? '' : `, over ${name(at.over)}`;
    return `${name(n)} in ${where}${over}, ${at.bytes} bytes`;
  };
  const typed = (n: number): string => `${name(n)}: ${values[n]!.dtype}[${values[n]!.shape.join(', ')}]`;
  const line = ({ op, isPrepared, inputs: read, outputs, dead }: PlannedCall): string => {
    const made = outputs.filter((n) => n < values.length);
    const call = `${made.length === 0 ? '' : `${made.map(name).join(', ')} = `}${op}(${read.map(name).join(', ')})`;
    const notes = [...made.map(place), isPrepared ? '' : 'dispatched', dead.length === 0 ? '' : `${dead.map(name).join(', ')} dead`];
    const shown = notes.filter((note) => note !== '').join('; ');
    return shown === '' ? `  ${call}` : `  ${call}  # ${shown}`;
  };
  const bytes = data.buffers.reduce((a, b) => a + b, 0);
  const head = `plan(${inputs.map(typed).join(', ')}): ${data.calls.length} instructions for ${data.steps} steps, ${data.buffers.length} buffers of ${bytes} bytes`;
  return { ...data, toString: () => [head, ...data.calls.map(line)].join('\n') };
}
