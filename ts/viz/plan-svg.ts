// A captured function before and after planning as one SVG picture: its calls, its storages and how long each is there.
import { CapturedFunction } from '../graph/capture';
import type { CapturedPlan, PlannedStorage } from '../graph/plan';
import { UsageError } from '../core/errors';
import { instanceOf, text } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { escapeXml, picture, px } from './svg';

interface PlanArguments {
  /** What is drawn; it must have run, so that it has a plan. */
  readonly fn: CapturedFunction;
  /** What is written above; `'plan'` by default. */
  readonly title?: string | null;
}

/**
 * Draws the memory of a captured function twice: call by call, where each result has a storage of its own, and by its plan. Calls are
 * columns, from left to right; storages and buffers are rows, with their bytes. A bar is a value, from the call that makes it to the last
 * one that reads it; one with a thick left edge is computed in place, over the value before it. The curve above the rows are the bytes
 * there at once, with the most of them. Returns the text of an SVG file.
 *
 * @throws UsageError for a function that has no plan: see `CapturedFunction.plan`.
 */
export const planSvg: Stated & ((...args: Arguments<PlanArguments, ['fn']>) => string) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<PlanArguments>('planSvg', () => ({ fn: instanceOf('a captured function', () => CapturedFunction), title: text.orNull() }), 1),
  ({ fn, title }) => {
    const { plan } = fn;
    if (plan === null) {
      throw new UsageError(
        'planSvg: the captured function has no plan; a plan is made at the first run, where what it returns is not differentiated afterwards and shapes do not depend on values: call run() before',
        'planSvg',
      );
    }
    return drawPlan(plan, title ?? 'plan');
  },
);

/** A value in a row. */
interface Bar {
  readonly value: number;
  readonly from: number;
  /** The last call that needs it; the number of calls for what stays. */
  readonly until: number;
  readonly isOver: boolean;
}

interface Row {
  readonly label: string;
  /** The class of its bars. */
  readonly kind: 'op' | 'result';
  readonly bars: readonly Bar[];
}

interface Panel {
  readonly heading: string;
  readonly calls: readonly string[];
  readonly rows: readonly Row[];
  /** The bytes that are there at each call. */
  readonly bytes: readonly number[];
}

const MARGIN = 24;
const LABEL = 168;
const TOP = 48;
const CURVE = 56;
const BAR = 18;
const GAP = 40;
/** Names of calls are written where columns are at least as wide. */
const NAMED = 14;

/** A number of things. */
function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function amount(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} B`;
}

/** The bytes at each of `count` calls, beyond `always`. */
function bytesAt(storages: readonly PlannedStorage[], count: number, always: number): number[] {
  const bytes = new Array<number>(count).fill(always);
  for (const { bytes: size, from, until } of storages) for (let i = from; i <= (until ?? count - 1); i++) bytes[i]! += size;
  return bytes;
}

function before({ eager, eagerBytes }: CapturedPlan): Panel {
  const { calls, storages } = eager;
  const row = ({ value, bytes, from, until }: PlannedStorage): Row => ({
    label: `%${value} · ${amount(bytes)}`,
    kind: until === null ? 'result' : 'op',
    bars: [{ value, from, until: until ?? calls.length, isOver: false }],
  });
  const heading = `call by call: ${count(calls.length, 'call')}, ${count(storages.length, 'storage')}, at most ${amount(eagerBytes)} at once`;
  return { heading, calls, rows: storages.map(row), bytes: bytesAt(storages, calls.length, 0) };
}

function after({ calls, places, buffers, storages, peakBytes }: CapturedPlan): Panel {
  const makers = new Map(calls.flatMap(({ outputs }, i) => outputs.map((value) => [value, i] as const)));
  const ends = new Map(calls.flatMap(({ dead }, i) => dead.map((value) => [value, i] as const)));
  const placeOf = new Map(places.map((place) => [place.value, place]));
  const bar = (value: number): Bar => ({ value, from: makers.get(value)!, until: ends.get(value) ?? calls.length, isOver: placeOf.get(value)!.over !== null });
  /** The value whose storage it was at first. */
  const first = (value: number): number => {
    let at = value;
    for (let over = placeOf.get(at)?.over ?? null; over !== null; over = placeOf.get(at)?.over ?? null) at = over;
    return at;
  };
  const values = places.filter(({ of }) => of === null).map(({ value }) => value);
  const inBuffers = buffers.map((bytes, buffer): Row => ({
    label: `buffer ${buffer} · ${amount(bytes)}`,
    kind: 'op',
    bars: values.filter((value) => placeOf.get(value)!.buffer === buffer).map(bar),
  }));
  const own = storages.map(({ value: made, bytes, from, until }): Row => {
    const last = until ?? calls.length;
    const over = values.filter((value) => value !== made && placeOf.get(value)!.buffer === null && first(value) === made);
    // A value that is made again has a storage each time.
    const bars = [{ value: made, from, until: last, isOver: false }, ...over.map(bar).filter((one) => one.from > from && one.from <= last)];
    return { label: `%${made} · ${amount(bytes)}`, kind: until === null ? 'result' : 'op', bars };
  });
  const held = buffers.reduce((a, b) => a + b, 0);
  const heading = `planned: ${count(calls.length, 'call')}, ${count(buffers.length, 'buffer')} and ${count(storages.length, 'storage')}, at most ${amount(peakBytes)} at once`;
  return { heading, calls: calls.map(({ op }) => op), rows: [...inBuffers, ...own], bytes: bytesAt(storages, calls.length, held) };
}

function drawPlan(plan: CapturedPlan, title: string): string {
  const panels = [before(plan), after(plan)];
  const most = Math.max(1, ...panels.map(({ calls }) => calls.length));
  const column = Math.min(48, Math.max(2, 960 / most));
  const bytes = panels.reduce((top, panel) => panel.bytes.reduce((a, b) => Math.max(a, b), top), 1);
  let y = TOP;
  const content = panels.flatMap((panel) => {
    const { parts, height } = draw(panel, column, y, bytes);
    y += height + GAP;
    return parts;
  });
  const heading = `<text class="ink title" x="${MARGIN}" y="28">${escapeXml(title)}</text>`;
  const key = `<path class="series s3" stroke-width="3" d="M${MARGIN + 1.5} ${px(y - 14)}v12"/><text class="dim small" x="${MARGIN + 8}" y="${px(y - 4)}">computed in place, over the value before; green outlives the run</text>`;
  return picture(Math.max(560, MARGIN * 2 + LABEL + column * most), y + 12, title, [heading, ...content, key]);
}

/** A panel at height `top`; the two have one scale, `most` bytes. */
function draw({ heading, calls, rows, bytes }: Panel, column: number, top: number, most: number): { parts: string[]; height: number } {
  const left = MARGIN + LABEL;
  const right = left + column * calls.length;
  // Many rows are thin, so that the picture stays one.
  const rowHeight = rows.length <= 60 ? BAR + 4 : Math.max(2, (60 * (BAR + 4)) / rows.length);
  const isWritten = rowHeight > BAR;
  const isNamed = column >= NAMED;
  const base = top + 22 + CURVE;
  const parts = [`<text class="ink" x="${MARGIN}" y="${px(top + 8)}">${escapeXml(heading)}</text>`];
  const level = (size: number): string => px(base - (size / most) * CURVE);
  let curve = `M${px(left)} ${px(base)}`;
  bytes.forEach((size, i) => { curve += `V${level(size)}H${px(left + (i + 1) * column)}`; });
  parts.push(`<path class="line" d="M${px(left)} ${px(base)}H${px(right)}"/>`, `<path class="series s1" stroke-width="1.5" d="${curve}V${px(base)}"/>`);
  parts.push(`<text class="dim small" x="${px(left - 8)}" y="${px(base)}" text-anchor="end">bytes there at once</text>`);
  let y = base + 8;
  if (isNamed) {
    const width = 7 + calls.reduce((a, op) => Math.max(a, op.length * 6), 0);
    y += width;
    calls.forEach((op, i) => {
      const x = px(left + (i + 0.5) * column + 4);
      parts.push(`<text class="dim small" transform="translate(${x} ${px(y - 5)}) rotate(-90)">${escapeXml(op)}</text>`);
    });
  }
  for (const { label, kind, bars } of rows) {
    const middle = y + rowHeight / 2;
    parts.push(`<path class="grid" d="M${px(left)} ${px(y + rowHeight)}H${px(right)}"/>`);
    if (isWritten) parts.push(`<text class="dim small" x="${px(left - 8)}" y="${px(middle + 4)}" text-anchor="end">${escapeXml(label)}</text>`);
    bars.forEach(({ value, from, until, isOver }, i) => {
      // What the next one is computed over ends where that begins.
      const end = bars[i + 1]?.isOver === true ? bars[i + 1]!.from : Math.min(until + 1, calls.length);
      const x = left + from * column;
      const width = Math.max(1, (end - from) * column - 1);
      const height = Math.max(1, rowHeight - 4);
      parts.push(`<rect class="${kind}" x="${px(x)}" y="${px(y + 2)}" width="${px(width)}" height="${px(height)}"><title>%${value}, ${escapeXml(calls[from]!)}</title></rect>`);
      if (isOver) parts.push(`<path class="series s3" stroke-width="3" d="M${px(x + 1.5)} ${px(y + 2)}v${px(height)}"/>`);
      const text = `%${value}`;
      if (isWritten && width >= 7 * text.length + 4) parts.push(`<text class="ink small" x="${px(x + width / 2)}" y="${px(middle + 4)}" text-anchor="middle">${text}</text>`);
    });
    y += rowHeight;
  }
  return { parts, height: y - top };
}
