// Curves as an SVG picture, such as a loss over the steps of training.
import { UsageError } from '../core/errors';
import { kind, list, numberFrom, text } from '../core/kinds';
import { named, parameters, type Arguments, type Stated, type Values } from '../core/options';
import { isOptions } from '../core/plain-object';
import { escapeXml, picture, px } from './svg';

/** A curve: y over 0, 1, 2 … or over x. */
export interface Series {
  readonly label: string;
  readonly y: ArrayLike<number>;
  readonly x?: ArrayLike<number>;
  /** Whether the line is dashed; dashed ones have the colours of the others, in their own order. */
  readonly dashed?: boolean;
}

/** What is written around the curves, and their size in pixels. */
export interface ChartOptions {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly width?: number;
  readonly height?: number;
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** About `count` round numbers from at most `low` to at least `high`. */
export function axis(low: number, high: number, count: number): Axis {
  const span = high > low ? high - low : Math.max(1, Math.abs(high));
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough)! * power;
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { low: ticks[0]!, high: ticks[ticks.length - 1]!, ticks };
}

/** A tick without the noise of binary fractions. */
function label(v: number): string {
  return Math.abs(v) >= 10_000 ? v.toLocaleString('en-US') : String(Number(v.toPrecision(10)));
}

const MARGIN = { left: 62, right: 24, top: 46, bottom: 48 };

/**
 * Draws curves with axes, ticks and a legend, readable on light and dark pages, and returns the text of an SVG file. Points
 * that are not finite leave gaps.
 */
export const lineChart: Stated & ((...args: Arguments<ChartArguments, ['series']>) => string) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ChartArguments>(
    'lineChart',
    () => ({
      series: list('curves, { label, y, x }', curve),
      title: text.or(''),
      xLabel: text.or(''),
      yLabel: text.or(''),
      width: numberFrom(1).or(720),
      height: numberFrom(1).or(400),
    }),
    5,
  ),
  draw,
);

interface ChartArguments extends ChartOptions {
  readonly series: readonly Series[];
}

const areNumbers = (value: unknown): boolean =>
  (Array.isArray(value) || ArrayBuffer.isView(value)) && Array.from(value as ArrayLike<unknown>).every((v) => typeof v === 'number');

const curve = /* @__PURE__ */ kind<Series>('a curve', (value) => {
  if (!isOptions(value)) return false;
  const { label, y, x, dashed = false } = value;
  return typeof label === 'string' && typeof dashed === 'boolean' && areNumbers(y) && (x === undefined || areNumbers(x));
});

function draw({ series, title, xLabel, yLabel, width, height }: Values<ChartArguments>): string {
  if (series.length === 0) throw new UsageError('lineChart: needs at least one series', 'lineChart');
  const points = series.map(({ x, y }) => Array.from(y, (v, i) => [x?.[i] ?? i, v] as const));
  const finite = points.flat().filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const extent = (pick: 0 | 1): [number, number] =>
    finite.reduce<[number, number]>(([low, high], p) => [Math.min(low, p[pick]), Math.max(high, p[pick])], [Infinity, -Infinity]);
  const [xs, ys] = finite.length === 0 ? ([[0, 1], [0, 1]] as const) : [extent(0), extent(1)];
  const xAxis = axis(xs[0], xs[1], 8);
  const yAxis = axis(ys[0], ys[1], 6);
  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const toX = (v: number): number => MARGIN.left + ((v - xAxis.low) / (xAxis.high - xAxis.low)) * (right - MARGIN.left);
  const toY = (v: number): number => bottom - ((v - yAxis.low) / (yAxis.high - yAxis.low)) * (bottom - MARGIN.top);

  const grid = [
    ...yAxis.ticks.map((v) => `<path class="grid" d="M${MARGIN.left} ${px(toY(v))}H${right}"/>`),
    ...xAxis.ticks.map((v) => `<path class="grid" d="M${px(toX(v))} ${MARGIN.top}V${bottom}"/>`),
  ];
  const ticks = [
    ...yAxis.ticks.map((v) => `<text class="dim small" x="${MARGIN.left - 8}" y="${px(toY(v) + 4)}" text-anchor="end">${label(v)}</text>`),
    ...xAxis.ticks.map((v) => `<text class="dim small" x="${px(toX(v))}" y="${bottom + 18}" text-anchor="middle">${label(v)}</text>`),
  ];
  const middle = (MARGIN.top + bottom) / 2;
  const words = [
    `<text class="ink title" x="${MARGIN.left}" y="26">${escapeXml(title)}</text>`,
    `<text class="dim" x="${px((MARGIN.left + right) / 2)}" y="${height - 12}" text-anchor="middle">${escapeXml(xLabel)}</text>`,
    `<text class="dim" transform="translate(16 ${px(middle)}) rotate(-90)" text-anchor="middle">${escapeXml(yLabel)}</text>`,
  ];
  const curves = points.map((list, i) => {
    let pen = 'M';
    const path = list.map(([x, y]) => {
      if (!Number.isFinite(x) || !Number.isFinite(y)) {
        pen = 'M';
        return '';
      }
      const piece = `${pen}${px(toX(x))} ${px(toY(y))}`;
      pen = 'L';
      return piece;
    });
    return `<path class="series ${strokeOf(series, i)} stroke-width="1.5" stroke-linejoin="round" d="${path.join('')}"/>`;
  });
  const frame = `<path class="line" d="M${MARGIN.left} ${MARGIN.top}V${bottom}H${right}"/>`;
  return picture(width, height, title || 'chart', [...grid, ...curves, frame, ...ticks, ...words, ...legend(series, right)]);
}

/** The rest of the classes of a curve, and its dashes. */
function strokeOf(series: readonly Series[], i: number): string {
  const isDashed = (at: number): boolean => series[at]!.dashed === true;
  const before = series.filter((_, other) => other < i && isDashed(other) === isDashed(i)).length;
  return `s${before % 4}"${isDashed(i) ? ' stroke-dasharray="5 4"' : ''}`;
}

function legend(series: readonly Series[], right: number): string[] {
  if (series.length < 2) return [];
  const width = series.reduce((most, { label: text }) => Math.max(most, 30 + 7 * text.length), 130);
  return series.map(({ label: text }, i) => {
    const y = MARGIN.top + 12 + 18 * i;
    return `<path class="${strokeOf(series, i)} stroke-width="3" d="M${right - width} ${y}h18"/><text class="ink" x="${right - width + 24}" y="${y + 4}">${escapeXml(text)}</text>`;
  });
}
