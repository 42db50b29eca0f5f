// Which operations a program spends its time and memory on. Named after `torch.profiler`.
import { callable, integerFrom, text, word, type Kind } from '../core/kinds';
import { named, parameters, withoutArguments, type Arguments, type Stated } from '../core/options';
import { UsageError } from '../core/errors';
import { dispose } from '../core/symbols';
import { profileBegin, profileFinish } from '../runtime/texts';
import { wasm } from '../runtime/wasm';

/** The sums of one name, forward or backward. */
export interface ProfileRow {
  /** An operation's public name (with a trailing `_` in place), a node's (`MulBackward0`), or one given to `recordFunction`. */
  readonly name: string;
  /** Whether it ran inside `backward()` or `grad()`. */
  readonly isBackward: boolean;
  readonly calls: number;
  /** Milliseconds, with what was called inside. */
  readonly time: number;
  /** Milliseconds, without what was called inside. */
  readonly selfTime: number;
  /** Bytes of values allocated, freed since or not, with what was called inside. */
  readonly bytes: number;
  /** The same, without what was called inside. */
  readonly selfBytes: number;
  /** How often it ran on one sample of a `vmap` after the other, since it cannot run on all at once. */
  readonly sampleLoops: number;
}

/** One call. */
export interface ProfileEvent {
  readonly name: string;
  readonly isBackward: boolean;
  /** Milliseconds on `performance.now()`'s clock. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Bytes of values allocated, with what was called inside. */
  readonly bytes: number;
}

/** What Chrome's `chrome://tracing` and https://ui.perfetto.dev read: the JSON object format with complete events. */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly {
    readonly name: string;
    readonly cat: 'forward' | 'backward';
    readonly ph: 'X';
    /** Microseconds. */
    readonly ts: number;
    readonly dur: number;
    readonly pid: number;
    readonly tid: number;
    readonly args: Readonly<Record<string, number>>;
  }[];
}

/** Options of a profile. */
export interface ProfileOptions {
  /** How many single calls are kept for the timeline, 48 bytes each; 200000 by default. Sums are kept of all. */
  readonly maxEvents?: number;
}

const mostEvents = (): Kind<number> => integerFrom(0).or(200_000);

const PROFILE = /* @__PURE__ */ parameters<ProfileOptions>('Profile', () => ({ maxEvents: mostEvents() }), 1);

type SortKey = 'selfTime' | 'time' | 'calls' | 'selfBytes' | 'bytes';

interface TableOptions {
  /** The column that is largest in the first line; `'selfTime'` by default. */
  sortBy?: SortKey;
  /** How many lines there are, the others summed up in one; 40 by default. */
  rowLimit?: number;
}

const sortKey = (): Kind<SortKey> => word<SortKey>('selfTime', 'time', 'calls', 'selfBytes', 'bytes').or('selfTime');

/** The parameters of the methods that take some. */
const METHODS = {
  keyAverages: /* @__PURE__ */ parameters<{ sortBy?: SortKey }>('keyAverages', () => ({ sortBy: sortKey() })),
  table: /* @__PURE__ */ parameters<TableOptions>('table', () => ({ sortBy: sortKey(), rowLimit: integerFrom(0).or(40) }), 2),
};

interface Raw {
  rows: [name: string, isBackward: boolean, calls: number, time: number, selfTime: number, bytes: number, selfBytes: number, sampleLoops: number][];
  events: [row: number, start: number, duration: number, bytes: number][];
  dropped: number;
}

let running: Profile | null = null;

/**
 * A profile between `start()` and `stop()`: time, calls and bytes by operation, and the single calls as a timeline.
 * One can run at a time. While none runs it costs nothing; while one runs, about a tenth of a microsecond a call.
 * Hosts that coarsen `performance.now()` coarsen the times of single calls as much.
 */
export class Profile implements Disposable {
  /** @internal */
  static readonly _parameters = PROFILE;
  /** @internal */
  static readonly _methods = METHODS;

  private readonly maxEvents: number;
  private raw: Raw = { rows: [], events: [], dropped: 0 };
  private startedAt = 0;
  private wall = 0;

  constructor(...args: Arguments<ProfileOptions, []>) {
    this.maxEvents = PROFILE.read(args).maxEvents;
  }

  /** Starts recording; what this profile had recorded before is forgotten. */
  start(): this {
    if (running !== null) throw new UsageError('profile: a profile is running already; stop it first', 'profile');
    wasm().profile_start(this.maxEvents);
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- one profile at a time
    running = this;
    this.startedAt = performance.now();
    return this;
  }

  /** Ends recording. Harmless where it is not running. */
  stop(): void {
    if (running !== this) return;
    this.wall = performance.now() - this.startedAt;
    running = null;
    this.raw = JSON.parse(profileFinish()) as Raw;
  }

  /** Ends recording at the end of a `using` block. */
  [dispose](): void {
    this.stop();
  }

  /** Milliseconds between start and stop. */
  get duration(): number {
    return this.wall;
  }

  /** How many calls the timeline had no room for. */
  get droppedEvents(): number {
    return this.raw.dropped;
  }

  /** The single calls, in the order they ended. */
  get events(): ProfileEvent[] {
    return this.raw.events.map(([row, start, duration, bytes]) => {
      const [name, isBackward] = this.raw.rows[row]!;
      return { name, isBackward, start, duration, bytes };
    });
  }

  /** The sums by name, largest first. */
  keyAverages(...args: Arguments<{ sortBy?: SortKey }, ['sortBy']>): ProfileRow[] {
    const { sortBy } = METHODS.keyAverages.read(args);
    return this.raw.rows
      .map(([name, isBackward, calls, time, selfTime, bytes, selfBytes, sampleLoops]) => ({ name, isBackward, calls, time, selfTime, bytes, selfBytes, sampleLoops }))
      .sort((a, b) => b[sortBy] - a[sortBy]);
  }

  /** The sums as text, with a line for the time outside of any operation. */
  table(...args: Arguments<TableOptions, []>): string {
    const { sortBy, rowLimit } = METHODS.table.read(args);
    const rows = this.keyAverages(sortBy);
    const inside = rows.reduce((sum, row) => sum + row.selfTime, 0);
    const ms = (t: number) => t.toFixed(3);
    const kib = (bytes: number) => (bytes / 1024).toFixed(1);
    const share = (t: number) => `${((100 * t) / (this.wall || 1)).toFixed(1)} %`;
    const cells = rows.slice(0, rowLimit).map((row) => [
      row.name,
      row.isBackward ? 'backward' : 'forward',
      String(row.calls),
      ms(row.selfTime),
      share(row.selfTime),
      ms(row.time),
      ((1000 * row.time) / row.calls).toFixed(2),
      kib(row.selfBytes),
      kib(row.bytes),
    ]);
    const left = rows.slice(rowLimit);
    if (left.length > 0) {
      const time = left.reduce((sum, row) => sum + row.selfTime, 0);
      cells.push([`${left.length} others`, '', '', ms(time), share(time), '', '', '', '']);
    }
    const outside = Math.max(0, this.wall - inside);
    cells.push(['outside of operations', '', '', ms(outside), share(outside), '', '', '', '']);
    return aligned([['name', 'pass', 'calls', 'self ms', 'self', 'total ms', 'µs a call', 'self KiB', 'total KiB'], ...cells]);
  }

  /** The timeline in the format of Chrome's tracing; write it with `JSON.stringify` to a file and open that. */
  chromeTrace(): ChromeTrace {
    const traceEvents = this.events
      .sort((a, b) => a.start - b.start || b.duration - a.duration)
      .map(({ name, isBackward, start, duration, bytes }) => ({
        name,
        cat: isBackward ? ('backward' as const) : ('forward' as const),
        ph: 'X' as const,
        ts: (start - this.startedAt) * 1000,
        dur: duration * 1000,
        pid: 1,
        tid: 1,
        args: { bytes },
      }));
    return { displayTimeUnit: 'ms', traceEvents };
  }
}

withoutArguments(Profile.prototype, 'start stop chromeTrace');

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/**
 * Runs `fn` and returns the profile of what it did; for an asynchronous `fn`, of all that ran until its promise settled.
 *
 * ```ts
 * console.log(profiler.profile(() => step()).table());
 * ```
 */
export const profile: ProfileFunction = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ProfileOptions & { fn: () => unknown }>('profile', () => ({ fn: callable, maxEvents: mostEvents() }), 1),
  ({ fn, ...options }) => profileOf(fn, options),
);

/** The function `profile`. */
interface ProfileFunction extends Stated {
  (fn: () => Promise<unknown>, options?: ProfileOptions): Promise<Profile>;
  (fn: () => unknown, options?: ProfileOptions): Profile;
  (options: ProfileOptions & { fn: () => unknown }): Profile;
}

function profileOf(fn: () => unknown, options: ProfileOptions): Profile | Promise<Profile> {
  const made = new Profile(options).start();
  let result: unknown;
  try {
    result = fn();
  } catch (error) {
    made.stop();
    throw error;
  }
  if (!(result instanceof Promise)) {
    made.stop();
    return made;
  }
  return result
    .finally(() => { made.stop(); })
    .then(() => made);
}

/** Runs `fn` as a stretch of its own in the running profile, under `name`; without a profile it only runs it. */
export const recordFunction: RecordFunction = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ name: string; fn: () => unknown }>('recordFunction', () => ({ name: text, fn: callable })),
  ({ name, fn }) => {
    if (running === null) return fn();
    const recording = running;
    profileBegin(name);
    try {
      return fn();
    } finally {
      if (running === recording) wasm().profile_end();
    }
  },
);

/** The function `recordFunction`. */
interface RecordFunction extends Stated {
  <T>(name: string, fn: (() => T) | { fn: () => T }): T;
  <T>(options: { name: string; fn: () => T }): T;
}
