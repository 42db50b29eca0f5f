// What the page of the digits and its worker say to each other; apart from the worker, which brings the library.
import type { Abilities } from './abilities';

/** What the page asks for. */
export type Request =
  | { readonly load: string }
  | { readonly train: boolean }
  | { readonly restart: true }
  | { readonly threads: number }
  | { readonly gpu: boolean }
  | { readonly read: number[] }
  | { readonly look: true }
  | { readonly save: true };

/** How far the training is. */
export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly perSecond: number;
  readonly tensors: number;
  /** The part of 2,000 other images that are read correctly; null between tests. */
  readonly accuracy: number | null;
}

/** An image that was read wrongly. */
export interface Mistake {
  readonly pixels: number[];
  readonly said: number;
  readonly digit: number;
}

/** What the worker says. */
export type Message =
  | { readonly ready: true; readonly abilities: Abilities }
  /** What comes after this is said of the new training. */
  | { readonly restarted: true }
  | { readonly progress: Progress }
  /** What computes from now on. */
  | { readonly on: { readonly threads: number; readonly gpu: string | null } }
  | { readonly probabilities: number[] }
  | { readonly weights: number[][]; readonly mistakes: Mistake[] }
  | { readonly file: Uint8Array }
  | { readonly failed: string };
