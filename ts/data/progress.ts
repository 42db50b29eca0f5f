// A bar that says how far a loop is.
import { UsageError } from '../core/errors';
import { anyObject, integerFrom, text } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { describe } from '../core/describe';

/** Where a bar is written: a terminal, such as `process.stderr`. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Options of `progress`. */
export interface ProgressOptions {
  /** What stands before the bar. */
  description?: string;
  /** How many turns there are; by default the `length` or `size` of what is gone through, where it has one. */
  total?: number | null;
  /** Where it is written: to standard error by default. */
  output?: ProgressOutput | null;
}

/** The function `progress`. */
interface Progress extends Stated {
  <T>(of: Iterable<T> & AsyncIterable<T>, options?: ProgressOptions): Iterable<T> & AsyncIterable<T>;
  <T>(of: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>;
  <T>(of: Iterable<T>, options?: ProgressOptions): Iterable<T>;
  <T>(options: { of: Iterable<T> | AsyncIterable<T> } & ProgressOptions): Iterable<T> & AsyncIterable<T>;
}

/** At most so often a bar is drawn, in milliseconds. */
const EVERY = 100;
const WIDTH = 24;

/**
 * Goes through a loader, or anything else, and shows on the terminal how far it is and how fast. Where standard error is not a
 * terminal, as in a pipe or a browser, nothing is written.
 *
 * ```ts
 * for (const [x, y] of data.progress(loader, { description: `epoch ${epoch}` })) { … }
 * // epoch 3  45% ━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 27/60 [0:03<0:04, 8.9/s]
 * ```
 */
export const progress: Progress = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ of: Iterable<unknown> | AsyncIterable<unknown> } & ProgressOptions>('progress', () => ({
    of: anyObject,
    description: text.or(''),
    total: integerFrom(0).orNull(),
    output: anyObject.orNull(),
  })),
  ({ of, description, total, output }) => {
    const [now, later] = [of as Partial<Iterable<unknown>>, of as Partial<AsyncIterable<unknown>>];
    if (typeof now[Symbol.iterator] !== 'function' && typeof later[Symbol.asyncIterator] !== 'function') {
      throw new UsageError(`progress: of must be something to iterate over, got ${describe(of)}`, 'progress');
    }
    const start = (): Bar => new Bar(description, total ?? sizeOf(of), output ?? standardError());
    return {
      [Symbol.iterator]: () => shown(now[Symbol.iterator]!(), start()),
      [Symbol.asyncIterator]: () => shownLater(typeof later[Symbol.asyncIterator] === 'function' ? later[Symbol.asyncIterator]!() : now[Symbol.iterator]!(), start()),
      get length() {
        return sizeOf(of);
      },
    };
  },
);

/** How many items there are, where that is known. */
function sizeOf(of: object): number | null {
  try {
    const { length, size } = of as { length?: unknown; size?: unknown };
    return typeof length === 'number' ? length : typeof size === 'number' ? size : null;
  } catch {
    // The length of a loader of a stream is not known.
    return null;
  }
}

function standardError(): ProgressOutput | null {
  return (globalThis as { process?: { stderr?: ProgressOutput } }).process?.stderr ?? null;
}

// Not generators: closing a loop must reach the loader at once, also before its first turn.
function shown<T>(from: Iterator<T>, bar: Bar): IterableIterator<T> {
  return {
    next() {
      const item = from.next();
      bar.turn(item.done === true);
      return item;
    },
    return(value?: T) {
      bar.end();
      from.return?.();
      return { done: true, value: value as T };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

function shownLater<T>(from: AsyncIterator<T> | Iterator<T>, bar: Bar): AsyncIterableIterator<T> {
  return {
    async next() {
      const item = await from.next();
      bar.turn(item.done === true);
      return item;
    },
    async return(value?: T) {
      bar.end();
      await from.return?.();
      return { done: true, value: value as T };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

class Bar {
  private turns = -1;
  private drawn = 0;
  private longest = 0;
  private isOver = false;
  private readonly output: ProgressOutput | null;
  private readonly started = Date.now();

  constructor(
    private readonly description: string,
    private readonly total: number | null,
    output: ProgressOutput | null,
  ) {
    this.output = output?.isTTY === true ? output : null;
  }

  /** A turn of the loop starts, and the one before it is over; or the loop is. */
  turn(isLast: boolean): void {
    this.turns++;
    if (isLast) this.end();
    else if (Date.now() - this.drawn >= EVERY) this.draw();
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.turns = Math.max(this.turns, 0);
    this.draw();
    this.output?.write('\n');
  }

  private draw(): void {
    this.drawn = Date.now();
    const { turns, total } = this;
    const seconds = (this.drawn - this.started) / 1000;
    const rate = seconds > 0 ? turns / seconds : 0;
    const head = this.description === '' ? '' : `${this.description} `;
    const speed = `${rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2)}/s`;
    let line = `${head}${turns} [${clock(seconds)}, ${speed}]`;
    if (total !== null && total > 0) {
      const part = Math.min(1, turns / total);
      const full = Math.floor(part * WIDTH);
      const left = turns >= total ? clock(0) : rate > 0 ? clock((total - turns) / rate) : '?';
      const percent = `${Math.floor(100 * part)}%`.padStart(4);
      line = `${head}${percent} ${'━'.repeat(full)}${'╌'.repeat(WIDTH - full)} ${turns}/${total} [${clock(seconds)}<${left}, ${speed}]`;
    }
    // What was longer is overwritten.
    this.longest = Math.max(this.longest, line.length);
    this.output?.write(`\r${line.padEnd(this.longest)}`);
  }
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
