// Sounds for tests.
import { fileURLToPath } from 'node:url';

/** The sound that test/models/record/voice.py has made. */
export const VOICE = fileURLToPath(new URL('../../examples/models/voice.wav', import.meta.url));

type Writer = (view: DataView, at: number, value: number) => void;

const clipped = (value: number, scale: number): number => Math.min(Math.round(value * scale), scale - 1);
const WRITERS: Record<string, Writer> = {
  '1,8': (view, at, value) => view.setUint8(at, clipped(value, 128) + 128),
  '1,16': (view, at, value) => view.setInt16(at, clipped(value, 2 ** 15), true),
  '1,24': (view, at, value) => {
    view.setUint8(at, clipped(value, 2 ** 23) & 255);
    view.setInt16(at + 1, clipped(value, 2 ** 23) >> 8, true);
  },
  '1,32': (view, at, value) => view.setInt32(at, clipped(value, 2 ** 31), true),
  '3,32': (view, at, value) => view.setFloat32(at, value, true),
  '3,64': (view, at, value) => view.setFloat64(at, value, true),
};

/** The bytes of a WAV file with these samples, channel after channel, behind a chunk of odd size that says nothing. */
export function wav(samples: ArrayLike<number>, { kind = 1, bits = 16, channels = 1, rate = 16_000 } = {}): Uint8Array {
  const start = 12 + 24 + 12 + 8;
  const bytes = new Uint8Array(start + (samples.length * bits) / 8);
  const view = new DataView(bytes.buffer);
  const word = (at: number, letters: string): void => bytes.set(new TextEncoder().encode(letters), at);
  word(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  word(8, 'WAVEfmt ');
  [16, kind | (channels << 16), rate, (rate * channels * bits) / 8, ((channels * bits) / 8) | (bits << 16)].forEach((value, i) => view.setUint32(16 + 4 * i, value, true));
  word(36, 'note');
  view.setUint32(40, 3, true);
  word(48, 'data');
  view.setUint32(52, bytes.length - start, true);
  const write = WRITERS[`${kind},${bits}`];
  if (write) Array.from(samples).forEach((value, i) => write(view, start + (i * bits) / 8, value));
  return bytes;
}
