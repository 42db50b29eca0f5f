// Who is told of tensors that are made and released: the tracker of trackLeaks(), while one is on.
import type { Owned } from './owner';

/** What a tracker is told, and asked. */
export interface LeakWatch {
  /** A tensor was made. */
  made(t: Owned): void;
  /** A tensor was released; undefined where only its handle is known. */
  gone(t: Owned | undefined, handle: number): void;
  /** Where a tensor was released, if that was seen. */
  disposalOf(t: Owned): string | undefined;
  /** Where most of the living tensors of no scope were made; empty where none lives. */
  _unscoped(): string;
}

/** The tracker that is on, or null. */
export let leaks: LeakWatch | null = null;

/** Has `watch` told from now on; null ends that. */
export function watchLeaks(watch: LeakWatch | null): void {
  leaks = watch;
}
