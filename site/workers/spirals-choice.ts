// What the page of the spirals and its worker say to each other; apart from the worker, which brings the library.

/** What the visitor chose. */
export interface Choice {
  readonly width: number;
  readonly depth: number;
  readonly activation: 'tanh' | 'relu' | 'silu' | 'sigmoid';
  readonly optimizer: 'SGD' | 'Adam' | 'RMSprop' | 'Adagrad';
  readonly lr: number;
  readonly noise: number;
}

/** What the page asks for: a training from the start, or the losses around where it stands, in directions drawn with a seed. */
export type Request = { readonly train: Choice } | { readonly landscape: number };

/** The loss around the network's parameters. */
export interface Landscape {
  /** Losses over `GRID` by `GRID` places from −1 to 1 along both directions; the network is in the middle. */
  readonly losses: Float32Array;
  readonly step: number;
}

/** What the worker says after some steps. */
export interface Progress {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  /** How sure the network is of the second spiral over a grid of `SIDE` by `SIDE` points from −1.1 to 1.1. */
  readonly regions: Float32Array;
  /** Coordinates and label of each point. */
  readonly points: number[][];
}

export type Message = { readonly progress: Progress } | { readonly landscape: Landscape };

export const SIDE = 64;

/** Odd, so that one place is the network itself. */
export const GRID = 31;
