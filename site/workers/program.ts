// Runs a program that the visitor may have changed: TypeScript in, printed lines and pictures out.
import * as adjoint from 'adjoint';
import { transform } from 'sucrase';
import classifier from '../../examples/course/classifier.ts?raw';
import courseData from '../../examples/course/data.ts?raw';
import plots from '../../examples/course/plots.ts?raw';
import show from '../../examples/course/show.ts?raw';
import tale from '../../examples/course/tale.txt?raw';
import { loadDigits, mnist } from './digits-file';

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

type Module = Record<string, unknown>;

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

/** What the chapters use of Node is there in as far as a page has it. */
const PROVIDED: Record<string, Module> = {
  adjoint,
  '../mnist': { mnist },
  'node:fs': { readFileSync: () => tale, mkdirSync: () => undefined, writeFileSync: (picture: string, svg: string) => { say({ picture, svg }); } },
  'node:path': { join: (...parts: string[]) => parts.join('/'), basename: (path: string) => path },
  'node:url': { fileURLToPath: String, pathToFileURL: () => ({ href: '' }) },
};

/** The modules of the course that chapters share. */
const SOURCES: Record<string, string> = { './classifier': classifier, './data': courseData, './plots': plots, './show': show };

const loaded = new Map<string, Module>();

function load(name: string): Module {
  const provided = PROVIDED[name] ?? loaded.get(name);
  if (provided !== undefined) return provided;
  const source = SOURCES[name];
  if (source === undefined) throw new Error(`import of '${name}': on this page programs import 'adjoint' and ${Object.keys(SOURCES).join(', ')}`);
  const module = evaluate(source);
  loaded.set(name, module);
  return module;
}

/** Runs a module; returns what it exports. */
function evaluate(source: string): Module {
  // In a script there is no import.meta; that no file is the program that was started is what chapters want to know.
  const { code } = transform(source.replaceAll('import.meta.url', "'page'"), { transforms: ['typescript', 'imports'], keepUnusedImports: false });
  const module: Module = {};
  const body = new Function('exports', 'require', 'console', 'process', code) as (...given: unknown[]) => void;
  body(module, load, { log: print, error: print, warn: print, info: print }, { argv: [] });
  return module;
}

/** Prints a result's lists of numbers as the course does. */
function summary(result: unknown): void {
  const line = load('./show').shown as (values: readonly number[]) => string;
  for (const [name, values] of Object.entries((result ?? {}) as Record<string, unknown>)) {
    if (!Array.isArray(values)) continue;
    print(`${name.padEnd(14)} ${line(values as number[])}`);
  }
}

self.onmessage = async ({ data: { source, digits } }: MessageEvent<Request>) => {
  try {
    if (/['"]\.\/(data|classifier)['"]/.test(source)) await loadDigits(digits);
    const start = performance.now();
    const { run, pictures } = evaluate(source) as Chapter;
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
