// Images of 28 by 28 numbers as addresses of pictures.

const SIDE = 28;

function picture(colour: (index: number) => [number, number, number]): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) image.data.set([...colour(i), 255], 4 * i);
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** Grey values from 0 to 255. */
export const grey = (values: readonly number[]): string => picture((i) => [values[i]!, values[i]!, values[i]!]);

/** Numbers of either sign: orange above 0, blue below, black at 0. */
export function signed(values: readonly number[]): string {
  const most = Math.max(...values.map(Math.abs), 1e-9);
  return picture((i) => {
    const v = values[i]! / most;
    return v > 0 ? [255 * v, 140 * v, 0] : [0, -120 * v, -255 * v];
  });
}
