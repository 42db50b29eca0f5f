// Runs a program that the visitor may have changed: TypeScript in, printed lines and pictures out.
import * as adjoint from 'adjoint';
import { Course } from './course';
import { loadDigits } from './digits-file';

/** What the page asks for. */
export interface Request {
  readonly source: string;
  /** Where the digits are. */
  readonly digits: string;
}

/** What the worker says. */
export type Message =
  | { readonly print: string }
  | { readonly picture: string; readonly svg: string }
  | { readonly failed: string }
  | { readonly seconds: number };

/** What a chapter exports. */
interface Chapter {
  run?: () => unknown;
  pictures?: (result: unknown) => Record<string, string>;
}

const say = (message: Message): void => { self.postMessage(message); };

/** How a value is printed. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof adjoint.Tensor || typeof value === 'function') return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? String(value);
}

const print = (...values: unknown[]): void => { say({ print: values.map(shown).join(' ') }); };

const course = new Course({ print, picture: (picture, svg) => { say({ picture, svg }); } });

/** Prints a result's lists of numbers as the course does. */
function summary(result: unknown): void {
  const line = course.load('./show').shown as (values: readonly number[]) => string;
  for (const [name, values] of Object.entries((result ?? {}) as Record<string, unknown>)) {
    if (!Array.isArray(values)) continue;
    print(`${name.padEnd(14)} ${line(values as number[])}`);
  }
}

self.onmessage = async ({ data: { source, digits } }: MessageEvent<Request>) => {
  try {
    if (/['"]\.\/(data|classifier)['"]/.test(source)) await loadDigits(digits);
    const start = performance.now();
    const { run, pictures } = course.evaluate(source) as Chapter;
    if (run !== undefined) {
      const result = run();
      summary(result);
      for (const [picture, svg] of Object.entries(pictures?.(result) ?? {})) say({ picture, svg });
    }
    say({ seconds: (performance.now() - start) / 1000 });
  } catch (error) {
    say({ failed: shown(error) });
  }
};
