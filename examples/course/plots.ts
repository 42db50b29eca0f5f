// Pictures that are no curves: squares in shades of grey for images and tables of weights, and
// dots. Curves are drawn by `viz.lineChart`.

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const label = (x: number, y: number, text: string, anchor = 'middle'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(text)}</text>`;

function picture(width: number, height: number, title: string, content: readonly string[]): string {
  const style = 'text{font:12px sans-serif;fill:#1f2328}.title{font-size:15px}';
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
  const paper = `<rect width="${width}" height="${height}" fill="#fff"/><text class="title" x="12" y="24">${escape(title)}</text>`;
  return `${head}<style>${style}</style>${paper}${content.join('')}</svg>\n`;
}

/** Squares from white, 0, to black, 1; less and more are white and black. */
function squares(values: readonly number[], columns: number, size: number, left: number, top: number): string[] {
  return values.map((value, i) => {
    const shade = Math.round(255 * (1 - Math.min(1, Math.max(0, value))));
    const [x, y] = [left + size * (i % columns), top + size * Math.floor(i / columns)];
    return `<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="rgb(${shade},${shade},${shade})"/>`;
  });
}

/** A table of numbers from 0 to 1, such as weights of attention, row by row. */
export function heatMap(values: readonly number[], rows: readonly string[], columns: readonly string[], title: string): string {
  const [size, left, top] = [26, 90, 60];
  const words = [
    ...rows.map((text, i) => label(left - 8, top + size * (i + 0.65), text, 'end')),
    ...columns.map((text, i) => label(left + size * (i + 0.5), top - 8, text)),
  ];
  const [width, height] = [left + size * columns.length + 24, top + size * rows.length + 24];
  return picture(Math.max(width, 24 + 8 * title.length), height, title, [...squares(values, columns.length, size, left, top), ...words]);
}

/** Square images beside each other, one after the other in `values`. */
export function imageRow(values: readonly number[], side: number, title: string): string {
  const [size, gap, top] = [4, 8, 40];
  const count = values.length / side ** 2;
  const images = Array.from({ length: count }, (_, i) => values.slice(i * side ** 2, (i + 1) * side ** 2));
  const content = images.flatMap((image, i) => squares(image, side, size, 12 + i * (side * size + gap), top));
  return picture(Math.max(24 + count * (side * size + gap), 24 + 8 * title.length), top + side * size + 16, title, content);
}

const COLORS = ['#0969da', '#cf222e', '#1a7f37', '#8250df'];

/** Groups of points, x and y in turn, each group in a colour of its own. */
export function scatter(groups: Readonly<Record<string, readonly number[]>>, title: string): string {
  const all = Object.values(groups).flat();
  const reach = Math.max(...all.map(Math.abs), 1e-9);
  const at = (v: number): number => Math.round(220 + (200 * v) / reach);
  const content = Object.entries(groups).flatMap(([name, points], group) => {
    const color = COLORS[group % COLORS.length]!;
    const dot = (x: number, y: number): string => `<circle cx="${at(x)}" cy="${480 - at(y)}" r="3" fill="${color}" fill-opacity="0.6"/>`;
    const dots = points.flatMap((x, i) => (i % 2 === 0 ? [dot(x, points[i + 1]!)] : []));
    return [...dots, `<circle cx="340" cy="${20 + 16 * group}" r="4" fill="${color}"/>`, label(350, 24 + 16 * group, name, 'start')];
  });
  return picture(440, 480, title, content);
}
