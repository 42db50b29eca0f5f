// A sound, how probable speech is, and where it is, as the text of an SVG file.
import type { Sound } from '../models/wav';
import type { Segment } from './segments';

const [WIDTH, LEFT, RIGHT] = [960, 48, 16];
/** The sound above, the probability below. */
const [WAVE_TOP, WAVE_BOTTOM, TRACE_TOP, TRACE_BOTTOM] = [44, 164, 184, 284];
const HEIGHT = 320;

const STYLE = `
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .dim { fill: #59636e } .wave { fill: #8c959f }
  .speech { fill: #1a7f37; fill-opacity: 0.14 } .trace { stroke: #0969da; fill: none } .grid { stroke: #d1d9e0 }
  text { font: 12px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .dim { fill: #9198a1 } .wave { fill: #656c76 }
    .speech { fill: #3fb950; fill-opacity: 0.2 } .trace { stroke: #4493f8 } .grid { stroke: #3d444d }
  }`;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const px = (value: number): string => String(Math.round(value * 10) / 10);

/** The lowest and the highest sample of each column of pixels, as one outline. */
function outline({ samples }: Sound): string {
  const columns = WIDTH - LEFT - RIGHT;
  const [middle, half] = [(WAVE_TOP + WAVE_BOTTOM) / 2, (WAVE_BOTTOM - WAVE_TOP) / 2];
  const peak = Math.max(0.05, samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
  const [above, below]: [string[], string[]] = [[], []];
  for (let c = 0; c < columns; c++) {
    const part = samples.subarray(Math.floor((c * samples.length) / columns), Math.max(1, Math.floor(((c + 1) * samples.length) / columns)));
    const [low, high] = part.reduce(([a, b], sample) => [Math.min(a, sample), Math.max(b, sample)], [0, 0]);
    above.push(`${LEFT + c} ${px(middle - (high / peak) * half - 0.3)}`);
    below.push(`${LEFT + c} ${px(middle - (low / peak) * half + 0.3)}`);
  }
  return `<path class="wave" d="M${[...above, ...below.reverse()].join('L')}Z"/>`;
}

/** Seconds between two marks, so that there are at most twelve. */
const interval = (seconds: number): number => [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600].find((step) => seconds / step <= 12) ?? 1800;

/** Draws a sound with its probabilities of speech, `step` seconds apart, and the segments that were found. */
export function speechSvg(title: string, sound: Sound, speech: readonly number[], step: number, segments: readonly Segment[]): string {
  const seconds = sound.samples.length / sound.rate;
  const toX = (at: number): number => LEFT + (Math.min(at, seconds) / seconds) * (WIDTH - LEFT - RIGHT);
  const toY = (probability: number): number => TRACE_BOTTOM - probability * (TRACE_BOTTOM - TRACE_TOP);
  const shaded = segments.map(({ start, end }) => {
    const [from, to] = [toX(start), toX(end)];
    return `<rect class="speech" x="${px(from)}" y="${WAVE_TOP}" width="${px(to - from)}" height="${TRACE_BOTTOM - WAVE_TOP}"/>`;
  });
  const levels = [0, 0.5, 1].map((level) => {
    const y = toY(level);
    return `<path class="grid" d="M${LEFT} ${px(y)}H${WIDTH - RIGHT}"/><text class="dim" x="${LEFT - 8}" y="${px(y + 4)}" text-anchor="end">${level}</text>`;
  });
  const every = interval(seconds);
  const marks = Array.from({ length: Math.floor(seconds / every + 1e-9) + 1 }, (_, i) => i * every).map((at) =>
    `<path class="grid" d="M${px(toX(at))} ${TRACE_BOTTOM}v5"/><text class="dim" x="${px(toX(at))}" y="${TRACE_BOTTOM + 20}" text-anchor="middle">${Number(at.toFixed(1))} s</text>`,
  );
  const points = speech.map((probability, i) => `${px(toX((i + 0.5) * step))} ${px(toY(probability))}`);
  const words = [
    `<text class="ink title" x="${LEFT}" y="26">${escaped(title)}</text>`,
    `<text class="dim" transform="translate(14 ${(TRACE_TOP + TRACE_BOTTOM) / 2}) rotate(-90)" text-anchor="middle">speech</text>`,
  ];
  const trace = `<path class="trace" stroke-width="1.5" stroke-linejoin="round" d="M${points.join('L')}"/>`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`;
  const paper = `<title>${escaped(title)}</title><style>${STYLE}\n</style><rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`;
  return `${[open, paper, ...shaded, ...levels, ...marks, outline(sound), trace, ...words].join('\n')}\n</svg>\n`;
}
