// Values of files in the form in which test/fixtures/files/contents.json has them.
import { readFileSync } from 'node:fs';
import { Tensor, io, nn } from 'adjoint';

export const folder = new URL('../fixtures/files/', import.meta.url);

/** The path of a recorded file. */
export const fixture = (name: string): URL => new URL(name, folder);

/** Its bytes, in memory of their own. */
export const bytesOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(fixture(name)));

export const recorded = (JSON.parse(readFileSync(fixture('contents.json'), 'utf8')) as { files: Record<string, unknown> }).files;

/** The bytes of a tensor, row-major, in hexadecimal: those behind the header of an array of NumPy, bit for bit. */
export function hexOf(t: Tensor): string {
  if (t.numel() === 0) return '';
  // NumPy lacks bfloat16, which safetensors has.
  const bytes = io.saveSafetensors({ t });
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return Buffer.from(bytes.subarray(8 + header)).toString('hex');
}

/** A value as it is recorded. */
export function described(value: unknown): unknown {
  if (value instanceof Tensor) {
    return {
      tensor: {
        dtype: value.dtype,
        shape: [...value.shape],
        stride: [...value.stride()],
        offset: value.storageOffset(),
        requiresGrad: value.requiresGrad,
        parameter: value instanceof nn.Parameter,
        bytes: hexOf(value),
      },
    };
  }
  if (value instanceof Set) return { set: [...value].sort() };
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [typeof key === 'string' ? key : described(key), described(item)]) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return { list: value.map(described) };
  if (typeof value === 'bigint') return { integer: String(value) };
  if (typeof value === 'object' && value !== null) return { dict: Object.entries(value).map(([key, item]) => [key, described(item)]) };
  return value;
}

/** What is recorded of objects whose keys are texts or integers: these are texts in JavaScript, and come first. */
export function withTextKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('list' in value) return { list: (value.list as unknown[]).map(withTextKeys) };
  if (!('dict' in value)) return value;
  const entries = (value.dict as [unknown, unknown][]).map(([key, item]) => [key, withTextKeys(item)] as const);
  const texts = new Set(entries.map(([key]) => String(key)));
  const isPlain = texts.size === entries.length && entries.every(([key]) => typeof key === 'string' || Number.isSafeInteger(key));
  if (!isPlain) return { dict: entries };
  const isIndex = (key: unknown): boolean => /^(0|[1-9]\d*)$/.test(String(key));
  const first = entries.filter(([key]) => isIndex(key)).sort(([a], [b]) => Number(a) - Number(b));
  return { dict: [...first, ...entries.filter(([key]) => !isIndex(key))].map(([key, item]) => [String(key), item]) };
}
