// What the page of the search by meaning and its worker say to each other; apart from the worker, which brings the library.
import type { Passage } from '../../examples/search/passages';

export type Request =
  /** The files of the model that the visitor picked, and where the guides are. */
  | { readonly weights: ArrayBuffer; readonly vocabulary: string; readonly guides: string }
  | { readonly question: string };

export type Message =
  | { readonly read: number; readonly of: number }
  | { readonly ready: { readonly passages: number; readonly seconds: number } }
  | { readonly found: readonly (Passage & { readonly score: number })[]; readonly milliseconds: number }
  | { readonly failed: string };
