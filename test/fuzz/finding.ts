// What the fuzzer finds, and how a child process says so.
import { type Program } from './program';

/** Something that must not be. */
export interface Finding {
  readonly kind: 'trap' | 'untyped' | 'invalid' | 'written' | 'bounds' | 'overlap' | 'memory' | 'hang' | 'crash';
  readonly step: number;
  readonly message: string;
  readonly program: Program;
}

/** Tells findings apart: those with equal keys have one cause, as far as one can see. */
export function keyOf({ kind, program, step, message }: Finding): string {
  const at = program[step];
  const call = at !== undefined && 'call' in at ? `${at.how} ${at.call}` : '';
  return `${kind}: ${kind === 'memory' ? '' : call}: ${message.replace(/\[[^\]]*\]|-?\d[\d.e+]*|"[^"]*"/g, '#').slice(0, 90)}`;
}

/** What a child process says, a line of JSON each. */
export type Line =
  | { readonly begins: number }
  | { readonly calls: number }
  /** A smaller program of so many steps begins. */
  | { readonly tries: number }
  | { readonly step: unknown }
  | { readonly found: Finding; readonly key: string; readonly index: number }
  | { readonly done: true };
