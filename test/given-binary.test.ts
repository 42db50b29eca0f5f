// The binaries that a program hands over: whole or compressed, as bytes or as what a server answers.
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { compiled } from '../ts/runtime/given-binary';

const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const packed = Uint8Array.from(gzipSync(empty));

it.each([
  ['bytes', empty],
  ['bytes of gzip', packed],
  ['memory of gzip', packed.buffer],
  ['a part of larger memory', Uint8Array.of(1, ...packed).subarray(1)],
  ['an answer', new Response(packed)],
])('%s are a module', async (_, given) => {
  expect(await compiled('init', given)).toBeInstanceOf(WebAssembly.Module);
});

it.each([['no module', Uint8Array.of(1, 2, 3)], ['a damaged one', packed.slice(0, 12)], ['gzip of no module', Uint8Array.from(gzipSync('text'))], ['nothing', new Uint8Array()]])(
  '%s is a LoadError',
  async (_, given) => {
    // The error of the sources is another class than that of the package.
    await expect(compiled('init', given)).rejects.toThrow(/^init: the binary is no WebAssembly module/);
  },
);
