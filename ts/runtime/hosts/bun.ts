// Bun: the binary's two modules are files that its bundler copies along and `bun build --compile` embeds, for which it must see them imported.
import * as fs from 'node:fs';
import primary from '../../../dist/wasm/adjoint.simd128.wasm' with { type: 'file' };
import secondary from '../../../dist/wasm/adjoint.simd128.secondary.wasm' with { type: 'file' };
import { compiled } from '../given-binary';
import { provideFiles } from '../host-files';
import { hasSecondary, provide, setLoader } from '../wasm';
import { threadsOfNode } from './node-threads';
import type { SetNumThreads } from '../threads';

provideFiles(fs);
// Bun's engine has no relaxed SIMD.
setLoader({
  primary: () => new WebAssembly.Module(fs.readFileSync(primary as string)),
  secondary: () => new WebAssembly.Module(fs.readFileSync(secondary as string)),
});

/** Compiles the whole binary without blocking. Never needed; with it no later call waits for that. */
export async function init(): Promise<void> {
  if (hasSecondary()) return;
  const [primaryModule, secondaryModule] = await Promise.all([primary, secondary].map((path) => WebAssembly.compile(fs.readFileSync(path as string))));
  provide(primaryModule!, secondaryModule!);
}

/** As in Node; a program that `bun build` made one file of says where the binary is, with `binary`. */
export const setNumThreads: SetNumThreads = /* @__PURE__ */ threadsOfNode(async () =>
  compiled('setNumThreads', fs.readFileSync(new URL('./wasm/adjoint.threads.simd128.wasm.gz', import.meta.url))),
);
