// Modules of the course as the pages run them: their text is compiled here, and what they use of Node is there in as far as a page has it.
import * as adjoint from 'adjoint';
import { transform } from 'sucrase';
import classifier from '../../examples/course/classifier.ts?raw';
import courseData from '../../examples/course/data.ts?raw';
import plots from '../../examples/course/plots.ts?raw';
import show from '../../examples/course/show.ts?raw';
import tale from '../../examples/course/tale.txt?raw';
import { mnist } from './digits-file';

export type Module = Record<string, unknown>;

/** Where a module's lines and pictures go. */
export interface Output {
  print(...values: unknown[]): void;
  picture(name: string, svg: string): void;
}

/** The modules of the course that chapters share. */
const SOURCES: Record<string, string> = { './classifier': classifier, './data': courseData, './plots': plots, './show': show };

/** Loads modules by name, each once. */
export class Course {
  readonly #provided: Record<string, Module>;
  readonly #loaded = new Map<string, Module>();

  constructor(readonly output: Output) {
    this.#provided = {
      adjoint,
      '../mnist': { mnist },
      'node:fs': { readFileSync: () => tale, mkdirSync: () => undefined, writeFileSync: (name: string, svg: string) => { output.picture(name, svg); } },
      'node:path': { join: (...parts: string[]) => parts.join('/'), basename: (path: string) => path },
      'node:url': { fileURLToPath: String, pathToFileURL: () => ({ href: '' }) },
    };
  }

  /** The module that programs import by `name`. */
  readonly load = (name: string): Module => {
    const there = this.#provided[name] ?? this.#loaded.get(name);
    if (there !== undefined) return there;
    const source = SOURCES[name];
    if (source === undefined) throw new Error(`import of '${name}': on this page programs import 'adjoint' and ${Object.keys(SOURCES).join(', ')}`);
    const module = this.evaluate(source);
    this.#loaded.set(name, module);
    return module;
  };

  /** Runs a module; returns what it exports. */
  evaluate(source: string): Module {
    // In a script there is no import.meta; that no file is the program that was started is what chapters want to know.
    const { code } = transform(source.replaceAll('import.meta.url', "'page'"), { transforms: ['typescript', 'imports'], keepUnusedImports: false });
    const module: Module = {};
    const body = new Function('exports', 'require', 'console', 'process', code) as (...given: unknown[]) => void;
    const { print } = this.output;
    body(module, this.load, { log: print, error: print, warn: print, info: print }, { argv: [] });
    return module;
  }
}
