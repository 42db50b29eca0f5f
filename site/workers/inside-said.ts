// What the page of time and memory and its worker say to each other; apart from the worker, which brings the library.

/** The networks there are, by the name of their training in the bench. */
export const NETWORKS = {
  'train.digits': 'digits: 784-256-128-10, 64 images, SGD',
  'train.lenet': 'LeNet: two convolutions, 32 images, SGD',
  'train.transformer': 'transformer: two blocks of width 128, 8 × 64 letters, Adam',
} as const;

export type Request = { readonly network: keyof typeof NETWORKS } | { readonly isOn: boolean };

/** An operation in the steps of a turn, in the mean of a step. */
export interface Row {
  readonly name: string;
  readonly isBackward: boolean;
  readonly calls: number;
  /** Milliseconds of its own. */
  readonly time: number;
  /** Bytes it allocates. */
  readonly bytes: number;
}

export type Message =
  | {
      readonly rows: readonly Row[];
      readonly steps: number;
      /** Milliseconds a step, and of these outside of operations. */
      readonly step: number;
      readonly outside: number;
      /** Bytes alive between steps, and the most within one. */
      readonly alive: number;
      readonly peak: number;
    }
  | { readonly failed: string };
