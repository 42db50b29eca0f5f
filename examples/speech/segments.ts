// From a probability for each frame to where someone speaks.

/** From and to, in seconds. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/** What counts as speech. */
export interface SegmentSettings {
  /** Speech begins here, and ends 0.15 below. */
  threshold: number;
  /** Shorter speech is a noise, in seconds. */
  minSpeech: number;
  /** A shorter pause is a part of the speech. */
  minPause: number;
  /** Put around what was found. */
  margin: number;
}

const DEFAULTS: SegmentSettings = { threshold: 0.5, minSpeech: 0.25, minPause: 0.1, margin: 0.03 };
const DROP = 0.15;

/** Where someone speaks. `step` is how long a frame is in seconds. */
export function segmentsOf(speech: readonly number[], step: number, settings: Partial<SegmentSettings> = {}): Segment[] {
  const { threshold, minSpeech, minPause, margin } = { ...DEFAULTS, ...settings };
  const length = speech.length * step;
  const runs: { start: number; end: number }[] = [];
  let speaking = false;
  speech.forEach((probability, i) => {
    if (!speaking && probability >= threshold) {
      speaking = true;
      const last = runs.at(-1);
      // After a short pause the speech before it goes on.
      if (last === undefined || i * step - last.end >= minPause) runs.push({ start: i * step, end: length });
    } else if (speaking && probability < threshold - DROP) {
      speaking = false;
      runs.at(-1)!.end = i * step;
    }
    if (speaking) runs.at(-1)!.end = (i + 1) * step;
  });
  return runs
    .filter(({ start, end }) => end - start >= minSpeech)
    .map(({ start, end }) => ({ start: Math.max(0, start - margin), end: Math.min(length, end + margin) }));
}
