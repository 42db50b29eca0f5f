// What the page of the formula and its worker say to each other; apart from the worker, which brings the library.

/** A tensor that the formula is given. */
export interface Input {
  readonly name: string;
  /** Numbers as JSON, nested by dims. */
  readonly value: string;
  /** It gets no gradient. */
  readonly isFrozen: boolean;
}

/** What the page asks about a formula. */
export interface Question {
  /** An expression, or statements with a `return`. */
  readonly formula: string;
  readonly inputs: readonly Input[];
  /** Numbers of values that are detached once they are computed. */
  readonly detached: readonly number[];
  /** For forward mode: which input moves, and which of its elements. */
  readonly moved: { readonly input: number; readonly element: number };
}

export type Request = { readonly ask: Question } | { readonly backward: true } | { readonly zero: true };

/** A value of the record. */
export interface Value {
  /** The name of an input, or `%` with its number. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly requiresGrad: boolean;
  /** What flows back into it, summed over all that read it; null where nothing does. */
  readonly gradient: string | null;
  /** How it changes with the element that is moved; null where it does not. */
  readonly tangent: string | null;
}

/** A value that a step reads, and what the backward pass sends along that edge. */
export interface Read {
  readonly value: number;
  readonly gradient: string | null;
}

/** A call of the record. */
export interface Step {
  /** The operation, with numbers and arguments that are written beside the tensors. */
  readonly label: string;
  readonly reads: readonly Read[];
  readonly makes: readonly number[];
  /** Bytes that the tape keeps for this step. */
  readonly keeps: number;
  readonly isDetached: boolean;
}

/** All there is to show about a formula. */
export interface Trace {
  readonly values: Readonly<Record<number, Value>>;
  readonly inputs: readonly number[];
  readonly constants: readonly number[];
  readonly steps: readonly Step[];
  readonly result: number;
  /** The result has more than one element, so its sum is what is differentiated. */
  readonly isSummed: boolean;
  /** Bytes alive after each step, measured: with a backward pass to come, and without. */
  readonly bytes: { readonly recorded: readonly number[]; readonly unrecorded: readonly number[] };
  /** Steps in the order in which the backward pass goes through them. */
  readonly backward: readonly number[];
  /** How many passes all derivatives take: elements of inputs forward, one backward. */
  readonly elements: number;
}

export type Message =
  | { readonly trace: Trace }
  /** `.grad` of each input, as it stands. */
  | { readonly grads: readonly (string | null)[] }
  | { readonly failed: string };
