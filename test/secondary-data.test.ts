// Texts and tables that only functions of the secondary module read come with it. So whatever the primary module computes or says alone must
// be what both say: a text that was missing would be of zeros.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as slim from 'adjoint/slim';
import { describe, expect, test } from 'vitest';
import { embed } from '../scripts/build/embed.mjs';
import { findEmbedded, unembed } from '../ts/runtime/embedded';

const { resolve } = createRequire(import.meta.url);
const primary = resolve('adjoint/adjoint.simd128.wasm');
const secondary = primary.replace(/\.wasm$/, '.secondary.wasm');

/** Every name that a tensor has. */
function memberNames(): string[] {
  const names = new Set<string>();
  for (let at: object | null = slim.Tensor.prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    for (const name in at) names.add(name);
  }
  for (const name of ['constructor', 'dispose']) names.delete(name);
  return [...names];
}

/** A value or an error as text; null for one that needs the secondary module. */
function outcome(run: () => unknown): string | null {
  try {
    const value = run();
    return value instanceof slim.Tensor ? `${value.dtype} [${value.shape.join()}] ${String(value.gradFn)} ${JSON.stringify(value.tolist())}` : typeof value;
  } catch (error) {
    return error instanceof slim.LoadError ? null : `${(error as Error).name}: ${(error as Error).message}`;
  }
}

const ARGUMENTS: Record<string, (x: slim.Tensor) => readonly unknown[]> = {
  nothing: () => [],
  itself: (x) => [x],
  'a number': () => [1],
  'a dim there is not': () => [7],
  'two dims': () => [0, 1],
  'another shape': () => [slim.ones([5, 7])],
  'integers': () => [slim.tensor([0, 1, 2], { dtype: 'int64' })],
  'a string': () => ['nothing'],
  'a name there is not': (x) => [x, { nothing: 1 }],
};

/** What each call comes to, by what was called. */
function outcomes(): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const name of memberNames()) {
    for (const [what, argumentsOf] of Object.entries(ARGUMENTS)) {
      for (const requiresGrad of [false, true]) {
        slim.manualSeed(0);
        const x = slim.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]], { requiresGrad }); // prettier-ignore
        const member = () => (x as unknown as Record<string, unknown>)[name];
        const run = (): unknown => {
          const method = member();
          return typeof method === 'function' ? (method as (...args: unknown[]) => unknown).call(x, ...argumentsOf(x)) : method;
        };
        found.set(`${name} of ${what}, ${requiresGrad ? 'recorded' : 'not recorded'}`, outcome(run));
      }
    }
  }
  return found;
}

// A quick build is not split.
describe.skipIf(!existsSync(secondary))('the data of the two modules', () => {
  test('what the primary module computes and says alone is what both say', { timeout: 240_000 }, () => {
    slim.initSync(readFileSync(primary));
    const alone = outcomes();
    slim.initSync(readFileSync(primary), readFileSync(secondary));
    const together = outcomes();
    const known = [...alone].filter(([, text]) => text !== null);
    expect(known.length).toBeGreaterThan(500);
    expect(new Map(known)).toEqual(new Map(known.map(([call]) => [call, together.get(call) ?? null])));
    for (const text of together.values()) expect(text ?? '').not.toContain('\0');
  });

  test('the primary module has none of the texts of ops that pages do not call', () => {
    const text = ' without replacement; pass replacement: true or draw fewer';
    expect(readFileSync(primary).includes(text)).toBe(false);
    expect(readFileSync(secondary).includes(text)).toBe(true);
  });
});

describe('a binary as text', () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i < 256 ? i : 'add mul div '.charCodeAt(i % 12)));

  test('is read back byte for byte, also from a script around it', () => {
    expect(unembed(embed(bytes))).toEqual(bytes);
    expect(findEmbedded(`var a = "${embed(bytes)}"; export default a;`)).toBe(embed(bytes));
  });

  test('keeps the words in it, which compressors know', () => {
    expect(embed(bytes)).toContain('add mul div add mul div ');
  });
});
