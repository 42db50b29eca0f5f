// A captured function as an SVG picture.
import { text } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { graphKinds, nodesOf, type Graph, type GraphArguments } from './draw-graph';
import { layered } from './layout';
import { escapeXml, picture, px } from './svg';

const NODE_HEIGHT = 40;
const ROW = 76;
/** With two lines of numbers between. */
const NUMBERED_ROW = 104;
const GAP = 28;
const MARGIN = 32;
const TOP = 56;
/** Mean width of a character of the 12 px font, a little on the safe side. */
const CHARACTER = 7;

/**
 * Draws the operations of a captured function from top to bottom, each with dtype and shape of its value: arguments, tensors
 * that were there before, operations and results have colours of their own. Returns the text of an SVG file.
 */
export const graphSvg: Stated & ((...args: Arguments<PictureArguments, ['fn']>) => string) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<PictureArguments>('graphSvg', () => ({ ...graphKinds(), title: text.orNull() }), 3),
  ({ title, ...of }) => drawGraph(nodesOf(of), title ?? undefined),
);

interface PictureArguments extends GraphArguments {
  /** What is written above; `'graph'` by default. */
  readonly title?: string | null;
}

/** Draws a graph; values beside edges stand before gradients, each in a colour of its own. */
export function drawGraph(graph: Graph, title = 'graph'): string {
  const numbered = graph.labels?.some((label) => label !== null) === true;
  const rowHeight = numbered ? NUMBERED_ROW : ROW;
  const { rows } = layered(graph);
  const widthOf = (i: number): number => {
    const { label, detail } = graph.nodes[i]!;
    return CHARACTER * Math.max(label.length, detail.length) + 20;
  };
  const rowWidths = rows.map((row) => row.reduce((sum, i) => sum + widthOf(i) + GAP, -GAP));
  const width = rowWidths.reduce((most, row) => Math.max(most, row), Math.max(320, CHARACTER * title.length * 1.4)) + 2 * MARGIN;
  const centre = new Map<number, { x: number; y: number }>();
  rows.forEach((row, r) => {
    let x = (width - rowWidths[r]!) / 2;
    for (const i of row) {
      centre.set(i, { x: x + widthOf(i) / 2, y: TOP + r * rowHeight + NODE_HEIGHT / 2 });
      x += widthOf(i) + GAP;
    }
  });
  const edges = graph.edges.map(([from, to], i) => {
    const a = centre.get(from)!;
    const b = centre.get(to)!;
    const start = a.y + NODE_HEIGHT / 2;
    const end = b.y - NODE_HEIGHT / 2 - 5;
    const bend = (end - start) / 2;
    const path = `M${px(a.x)} ${px(start)}C${px(a.x)} ${px(start + bend)} ${px(b.x)} ${px(end - bend)} ${px(b.x)} ${px(end)}`;
    const arrow = `<path class="line" d="${path}"/><path class="arrow" d="M${px(b.x - 4)} ${px(end - 2)}h8l-4 7z"/>`;
    const { value, grad } = graph.labels?.[i] ?? {};
    const [x, y] = [(a.x + b.x) / 2 + 5, (start + end) / 2];
    const number = (text: string | undefined, kind: string, line: number): string =>
      text === undefined ? '' : `<text class="${kind} small" x="${px(x)}" y="${px(y + line)}">${escapeXml(text)}</text>`;
    return arrow + number(value, 'value', -2) + number(grad, 'gradient', 11);
  });
  const nodes = graph.nodes.map(({ kind, label, detail }, i) => {
    const { x, y } = centre.get(i)!;
    const w = widthOf(i);
    const radius = kind === 'op' || kind === 'result' ? 6 : NODE_HEIGHT / 2;
    return [
      `<rect class="${kind}" x="${px(x - w / 2)}" y="${px(y - NODE_HEIGHT / 2)}" width="${px(w)}" height="${NODE_HEIGHT}" rx="${radius}"/>`,
      `<text class="ink" x="${px(x)}" y="${px(y - 3)}" text-anchor="middle">${escapeXml(label)}</text>`,
      `<text class="dim small" x="${px(x)}" y="${px(y + 13)}" text-anchor="middle">${escapeXml(detail)}</text>`,
    ].join('');
  });
  const height = TOP + rows.length * rowHeight - (rowHeight - NODE_HEIGHT) + MARGIN;
  const heading = `<text class="ink title" x="${MARGIN}" y="30">${escapeXml(title)}</text>`;
  return picture(width, height, title, [heading, ...edges, ...nodes]);
}
