// Node, Deno and Bun: the binary's two modules are files beside this one, read when they are first needed.
import * as fs from 'node:fs';
import { messageOf } from '../../core/describe';
import { LoadError } from '../../core/errors';
import { integerFrom } from '../../core/kinds';
import { named, parameters, type Stated } from '../../core/options';
import { compiled } from '../given-binary';
import { provideFiles } from '../host-files';
import { hasSecondary, provide, setLoader } from '../wasm';
import { flavour } from '../flavour';
import type { SetNumThreads } from '../threads';
import { threadsOfNode } from './node-threads';

/** The bytes of a file beside this one. */
function read(name: string): Uint8Array<ArrayBuffer> {
  try {
    // In dist as published; beside a bundle made of it; and from here when run from source.
    const places = ['wasm/', '', '../../../dist/wasm/'].map((folder) => new URL(folder + name, import.meta.url));
    return fs.readFileSync(places.find((place) => fs.existsSync(place)) ?? places[0]!);
  } catch (cause) {
    const remedy = 'in a bundle import adjoint/inline, which reads no file, or put the file beside the bundle; in Deno allow it with --allow-read';
    throw new LoadError(`init: ${name} cannot be read (${messageOf(cause)}); ${remedy}`, 'init', { cause });
  }
}

provideFiles(fs);
const primary = (): Uint8Array<ArrayBuffer> => read(`adjoint.${flavour()}.wasm`);
const secondary = (): Uint8Array<ArrayBuffer> => read(`adjoint.${flavour()}.secondary.wasm`);
setLoader({ primary: () => new WebAssembly.Module(primary()), secondary: () => new WebAssembly.Module(secondary()) });

/**
 * Spreads operations over `n` threads, the calling one among them, `torch.set_num_threads(n)`; to be awaited. Results have the same bits
 * for any `n`. The first call with more than 1 loads another binary (about 3 MB), so it comes before the first tensor: while tensors live
 * it throws a UsageError. The state of the default generator goes along. A thread is a worker of Node's: it starts in about 50 ms, takes a
 * core while operations follow one another, sleeps a few milliseconds after the last one and keeps no process alive. `reset()` ends them.
 */
export const setNumThreads: SetNumThreads = /* @__PURE__ */ threadsOfNode(async () => compiled('setNumThreads', read(`adjoint.threads.${flavour()}.wasm.gz`)));

/** Compiles the whole binary without blocking. Never needed; with it no later call waits for that. `threads` is what `setNumThreads` takes. */
export const init: Stated & ((options?: { threads?: number }) => Promise<void>) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ threads: number }>('init', () => ({ threads: integerFrom(1).or(1) }), 1),
  ({ threads }) => (threads === 1 ? compile() : setNumThreads(threads)),
);

async function compile(): Promise<void> {
  if (hasSecondary()) return;
  const [first, second] = await Promise.all([primary, secondary].map((bytes) => WebAssembly.compile(bytes())));
  provide(first!, second!);
}
