// WAV files: a RIFF file has chunks, each a name of four letters, a size, and its bytes.
import { readFileSync } from 'node:fs';

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** A sound of one channel, -1 to 1. */
export interface Sound {
  readonly rate: number;
  readonly samples: Float32Array;
}

type Reader = (view: DataView, at: number) => number;

/** How a sample is read, by format and bits. */
const READERS: Record<string, Reader> = {
  [`${PCM},8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${PCM},16`]: (view, at) => view.getInt16(at, true) / 2 ** 15,
  [`${PCM},24`]: (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 2 ** 23,
  [`${PCM},32`]: (view, at) => view.getInt32(at, true) / 2 ** 31,
  [`${FLOAT},32`]: (view, at) => view.getFloat32(at, true),
  [`${FLOAT},64`]: (view, at) => view.getFloat64(at, true),
};

/** Reads a WAV file; several channels become their mean. */
export function readWav(source: string | Uint8Array): Sound {
  const bytes = typeof source === 'string' ? readFileSync(source) : source;
  const name = typeof source === 'string' ? source : 'the sound';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || word(0) !== 'RIFF' || word(8) !== 'WAVE') throw new Error(`${name} is no WAV file`);
  let format: { kind: number; channels: number; rate: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [id, from] = [word(at), at + 8];
    const size = view.getUint32(at + 4, true);
    if (id === 'fmt ' && size >= 16 && from + size <= bytes.length) {
      const kind = view.getUint16(from, true);
      format = {
        kind: kind === EXTENSIBLE && size >= 26 ? view.getUint16(from + 24, true) : kind,
        channels: view.getUint16(from + 2, true),
        rate: view.getUint32(from + 4, true),
        bits: view.getUint16(from + 14, true),
      };
    } else if (id === 'data') {
      if (!format) throw new Error(`${name} has sound before it says in which format`);
      const { kind, channels, rate, bits } = format;
      const read = READERS[`${kind},${bits}`];
      if (!read || channels === 0 || rate === 0) {
        throw new Error(`${name} has ${channels} channels at ${rate} Hz in format ${kind} with ${bits} bits: PCM of 8 to 32 bits and floats are read`);
      }
      const width = (bits / 8) * channels;
      // A recording that was cut off says it is longer than it is.
      const count = Math.floor(Math.min(size, bytes.length - from) / width);
      const samples = new Float32Array(count);
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += read(view, from + i * width + (c * bits) / 8);
        samples[i] = sum / channels;
      }
      return { rate, samples };
    }
    // Chunks begin at even places.
    at = from + size + (size % 2);
  }
  throw new Error(`${name} has no sound in it`);
}

/** How many zero crossings of the sinc on either side are summed. */
const CROSSINGS = 16;

/** The sound at another rate, by a sinc under a Hann window; what is too high for the lower rate is left out. */
export function resampled({ rate, samples }: Sound, wanted: number): Sound {
  if (rate === wanted) return { rate, samples };
  const cutoff = Math.min(1, wanted / rate);
  const reach = CROSSINGS / cutoff;
  const out = new Float32Array(Math.ceil((samples.length * wanted) / rate));
  for (let i = 0; i < out.length; i++) {
    const center = (i * rate) / wanted;
    let sum = 0;
    for (let j = Math.max(0, Math.ceil(center - reach)); j <= Math.min(samples.length - 1, center + reach); j++) {
      const x = (j - center) * cutoff;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      sum += samples[j]! * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS));
    }
    out[i] = sum * cutoff;
  }
  return { rate: wanted, samples: out };
}
