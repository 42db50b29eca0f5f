// A drawing as MNIST has its digits: fitted into 20 by 20, then moved so that its centre of mass is that of 28 by 28.
//
// Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".

const SIDE = 28;
const INNER = 20;

/** The smallest box with all that is drawn: left, top, and the longer of its sides; null for nothing. */
function boxOf({ width, height, data }: ImageData): { left: number; top: number; side: number } | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[4 * (y * width + x)]! < 32) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  if (right < 0) return null;
  const side = Math.max(right - left, bottom - top) + 1;
  return { left: (left + right + 1 - side) / 2, top: (top + bottom + 1 - side) / 2, side };
}

/** The mean grey value in a square of a drawing. */
function meanOf({ width, height, data }: ImageData, left: number, top: number, side: number): number {
  let [sum, count] = [0, 0];
  for (let y = Math.floor(top); y < top + side; y++) {
    for (let x = Math.floor(left); x < left + side; x++) {
      count += 1;
      if (x >= 0 && y >= 0 && x < width && y < height) sum += data[4 * (y * width + x)]!;
    }
  }
  return sum / count;
}

/** The 784 grey values of a drawing, white on black. */
export function centred(image: ImageData): number[] {
  const box = boxOf(image);
  const pixels = Array<number>(SIDE * SIDE).fill(0);
  if (box === null) return pixels;
  const step = box.side / INNER;
  const small = Array.from({ length: INNER * INNER }, (_, i) => meanOf(image, box.left + step * (i % INNER), box.top + step * Math.floor(i / INNER), step));
  const mass = small.reduce((sum, v) => sum + v, 0);
  const centre = (coordinate: (i: number) => number): number => small.reduce((sum, v, i) => sum + v * (coordinate(i) + 0.5), 0) / mass;
  const dx = Math.round(SIDE / 2 - centre((i) => i % INNER));
  const dy = Math.round(SIDE / 2 - centre((i) => Math.floor(i / INNER)));
  small.forEach((value, i) => {
    const [x, y] = [(i % INNER) + dx, Math.floor(i / INNER) + dy];
    if (x >= 0 && y >= 0 && x < SIDE && y < SIDE) pixels[y * SIDE + x] = value;
  });
  return pixels;
}
