// Finds out where someone speaks in a WAV file and draws it: node scripts/run.mjs examples/speech.ts recording.wav
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FRAME, RATE, SileroVad } from './models/silero-vad';
import { readWav, resampled } from './models/wav';
import { speechSvg } from './speech/picture';
import { segmentsOf, type Segment } from './speech/segments';

/** Two phrases without a meaning, made by `test/models/record/voice.py`. */
const SAMPLE = fileURLToPath(new URL('models/voice.wav', import.meta.url));
const STEP = FRAME / RATE;

/** What was found in a recording. */
export interface Trace {
  /** The probability of speech for each 32 ms. */
  readonly speech: readonly number[];
  readonly segments: readonly Segment[];
  readonly svg: string;
}

/** Listens to the WAV file at `path`. */
export function trace(path: string, model: Pick<SileroVad, 'speech'>): Trace {
  const sound = readWav(path);
  if (sound.samples.length === 0) throw new Error(`${path} has no samples`);
  const speech = model.speech(resampled(sound, RATE).samples);
  const segments = segmentsOf(speech, STEP);
  return { speech, segments, svg: speechSvg(basename(path), sound, speech, STEP, segments) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = process.argv[2] ?? SAMPLE;
  const { segments, svg } = trace(path, SileroVad.pretrained());
  for (const { start, end } of segments) console.log(`${start.toFixed(2)} s to ${end.toFixed(2)} s`);
  if (segments.length === 0) console.log('nobody speaks');
  const folder = fileURLToPath(new URL('../out', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const target = join(folder, `${basename(path).replace(/\.\w+$/, '')}.svg`);
  writeFileSync(target, svg);
  console.log(`drawn in ${relative(process.cwd(), target)}`);
}
