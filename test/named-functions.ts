// Functions and methods of the package by their dotted names, as fixtures have them.
import * as adjoint from 'adjoint';
import { type Tensor } from 'adjoint';

export type Fn = (...args: unknown[]) => unknown;

/** The public function `nn.functional.relu`, `maximum`, …; undefined where there is none. */
export function functionNamed(path: string): Fn | undefined {
  let at: unknown = adjoint;
  for (const part of path.split('.')) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined;
  return typeof at === 'function' ? (at as Fn) : undefined;
}

/** The method `name` of a tensor; undefined where there is none. */
export function methodNamed(x: Tensor, name: string): Fn | undefined {
  const method = (x as unknown as Record<string, unknown>)[name];
  return typeof method === 'function' ? (method as Fn).bind(x) : undefined;
}

/** A number as JSON has it: NaN, infinities and minus zero are words. */
export const decoded = (v: number | string): number => (v === '-0' ? -0 : Number(v));
