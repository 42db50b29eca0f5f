// trackLeaks(): where living tensors were made, and where disposed ones were disposed.
import type { Tensor } from '../tensor/tensor';
import { named, nothing, type Stated } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { dispose } from '../core/symbols';
import { leaks, watchLeaks, type LeakWatch } from '../runtime/leak-watch';

/** Living tensors that were made at the same place. */
export interface Leak {
  /** How many live. */
  readonly count: number;
  /** The shape of the first. */
  readonly shape: readonly number[];
  /** The stack at the place. */
  readonly stack: string;
}

/** Records where tensors are made, from its start until `stop()` or the end of the `using` block. */
export class LeakTracker implements Disposable, LeakWatch {
  private readonly alive = new Map<number, { stack: string; of: WeakRef<Tensor> }>();
  private readonly disposals = new WeakMap<Tensor, string>();

  /** @internal */
  constructor(key: typeof OURS) {
    checkOurs(key, 'LeakTracker', 'call trackLeaks()');
  }

  /** The tensors that were made since the start and still live, by the place they were made at, most first. */
  live(): Leak[];
  live(...none: unknown[]): Leak[] {
    if (none.length > 0) nothing('live').read(none);
    const places = new Map<string, { count: number; shape: readonly number[] }>();
    for (const { stack, of } of this.alive.values()) {
      const place = places.get(stack);
      if (place === undefined) places.set(stack, { count: 1, shape: of.deref()?.shape ?? [] });
      else place.count += 1;
    }
    return [...places].map(([stack, place]) => ({ ...place, stack })).sort((a, b) => b.count - a.count);
  }

  /** @internal Where most of the living tensors of no scope were made. */
  _unscoped(): string {
    const stacks = new Map<string, number>();
    for (const { stack, of } of this.alive.values()) {
      const t = of.deref();
      if (t !== undefined && !('list' in t._owner)) stacks.set(stack, (stacks.get(stack) ?? 0) + 1);
    }
    // Thousands of tensors have few stacks, and to take one apart costs microseconds.
    const places = new Map<string, number>();
    for (const [stack, count] of stacks) {
      const place = caller(stack);
      places.set(place, (places.get(place) ?? 0) + count);
    }
    const most = [...places].sort(([, a], [, b]) => b - a).slice(0, 3);
    return most.map(([place, count]) => `${count} at ${place}`).join(', ');
  }

  /** Ends the recording. */
  stop(): void {
    if (leaks === this) watchLeaks(null);
  }

  /** Ends the recording. */
  [dispose](): void {
    this.stop();
  }

  /** @internal */
  made(t: Tensor): void {
    this.alive.set(t._handle, { stack: here(), of: new WeakRef(t) });
  }

  /** @internal `t` is undefined where only the handle is known. */
  gone(t: Tensor | undefined, handle: number): void {
    const of = t ?? this.alive.get(handle)?.of.deref();
    this.alive.delete(handle);
    if (of !== undefined) this.disposals.set(of, here());
  }

  /** @internal */
  disposalOf(t: Tensor): string | undefined {
    return this.disposals.get(t);
  }
}

/**
 * Starts recording where tensors are made and disposed. It costs several microseconds a tensor: a tool for finding a leak,
 * not for production.
 *
 * ```ts
 * using tracker = trackLeaks();
 * step();
 * console.table(tracker.live());
 * ```
 */
export const trackLeaks: Stated & (() => LeakTracker) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('trackLeaks'), () => {
  const tracker = new LeakTracker(OURS);
  watchLeaks(tracker);
  return tracker;
});

/** The innermost frame of a stack that is not in the file of the first, which is this package's. */
function caller(stack: string): string {
  const frames = stack.split('\n').map((line) => line.replace(/^\s*at /, ''));
  const fileOf = (frame: string) => frame.replace(/.*[(@]|:\d+:\d+\)?$/g, '');
  return frames.find((frame) => fileOf(frame) !== fileOf(frames[0]!)) ?? frames[0]!;
}

/** The stack of the caller outside this package's innermost frames. */
function here(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  return lines.slice(2).join('\n');
}
