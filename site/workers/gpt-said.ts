// What the page of the writing network and its worker say to each other; apart from the worker, which brings the library.

export type Request =
  /** Begins anew with another text. */
  | { readonly text: string }
  | { readonly train: boolean }
  /** What samples go on from. */
  | { readonly prompt: string };

export interface Progress {
  readonly step: number;
  readonly loss: number;
  readonly perSecond: number;
}

export type Message =
  | { readonly ready: { readonly letters: number; readonly parameters: number; readonly text: string } }
  | { readonly progress: Progress }
  | { readonly sample: { readonly step: number; readonly text: string } }
  | { readonly failed: string };
