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

/** What the worker says after some steps. */
export interface Message {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  /** How sure the network is of the second spiral over a grid of `SIDE` by `SIDE` points from −1.1 to 1.1. */
  readonly regions: Float32Array;
  /** Coordinates and label of each point. */
  readonly points: number[][];
}

export const SIDE = 64;
