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
  /** The value whose storage it looks at; null for what is no view. */
  readonly of: number | null;
}

/** A storage that a replay makes, and how long it is there. */
export interface PlannedStorage {
  /** The value it is made for. Views of it, and what is computed over it later, are in it too. */
  readonly value: number;
  /** Bytes of its elements. */
  readonly bytes: number;
  /** The call that makes it, by its index. */
  readonly from: number;
  /** The last call that needs it; null for what outlives the replay: results, and gradients of leaves. */
  readonly until: number | null;
}

/** What a replay without a plan would do. */
export interface EagerCalls {
  /** The ops, one after the other. */
  readonly calls: readonly string[];
  /** A storage for each value that is no view, let go when nothing reads it any more. */
  readonly storages: readonly PlannedStorage[];
}

/** What replays of a record do, found out at the first one. */
export interface CapturedPlan {
  readonly calls: readonly PlannedCall[];
  readonly places: readonly PlannedPlace[];
  /** The bytes of each buffer, which the record keeps from one replay to the next. */
  readonly buffers: readonly number[];
  /** The storages that a replay makes besides the buffers, by index in `calls`. */
  readonly storages: readonly PlannedStorage[];
  /**
   * The most bytes of elements that a replay has at once: all buffers, and storages of its own. Neither what was there before counts,
   * such as inputs and parameters, nor scratch of kernels.
   */
  readonly peakBytes: number;
  /**
   * The same where calls are made one by one, each result in a storage of its own that is let go after its last use. A function whose
   * handles and graph hold results for longer takes more.
   */
  readonly eagerBytes: number;
  readonly eager: EagerCalls;
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
  const head = `plan(${inputs.map(typed).join(', ')}): ${data.calls.length} instructions for ${data.steps} steps, ${data.buffers.length} buffers of ${bytes} bytes, at most ${data.peakBytes} bytes at once and ${data.eagerBytes} call by call`;
  return { ...data, toString: () => [head, ...data.calls.map(line)].join('\n') };
}
