// Draws shapes and specifications of tensors.
import { type TensorSpec } from './program';
import { type Random } from './random';
import { DTYPES } from './tensors';

/** What the arguments of one call have in common, so that many calls are valid ones. */
export interface Theme {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly requiresGrad: boolean;
}

const LAYOUTS = { dense: 10, transposed: 3, strided: 2, expanded: 2, offset: 2 } as const;

export function drawShape(random: Random): number[] {
  const rank = Number(random.weighted({ 0: 2, 1: 5, 2: 7, 3: 4, 4: 3, 5: 1, 6: 1 }));
  const shape = Array.from({ length: rank }, () => Number(random.weighted({ 0: 0.5, 1: 3, 2: 6, 3: 6, 4: 2, 5: 1, 9: 0.3 })));
  while (shape.reduce((product, size) => product * size, 1) > 96) shape[shape.findIndex((size) => size > 1)] = 1;
  return shape;
}

export function drawTheme(random: Random): Theme {
  const dtype = random.chance(0.6) ? random.pick(['float32', 'float64']) : random.pick(DTYPES);
  return { shape: drawShape(random), dtype, requiresGrad: random.chance(0.3) };
}

/** A shape that goes with the theme's. */
function relatedShape(random: Random, { shape }: Theme): readonly number[] {
  const way = random.weighted({ same: 10, broadcast: 4, swapped: 3, shorter: 2, other: 3 });
  if (way === 'same') return shape;
  if (way === 'broadcast') return shape.map((size) => (random.chance(0.4) ? 1 : size)).slice(random.chance(0.3) ? 1 : 0);
  if (way === 'swapped' && shape.length >= 2) return [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  if (way === 'shorter') return shape.slice(0, -1);
  return drawShape(random);
}

export function drawTensor(random: Random, theme: Theme): TensorSpec {
  const dtype = random.chance(0.85) ? theme.dtype : random.pick(DTYPES);
  return {
    shape: relatedShape(random, theme),
    dtype,
    fill: random.chance(0.12) ? 'edge' : 'small',
    seed: random.int(0, 1000),
    layout: random.weighted(LAYOUTS),
    requiresGrad: dtype.includes('float') && random.chance(theme.requiresGrad ? 0.7 : 0.05),
    ...(random.chance(0.005) ? { disposed: true } : {}),
  };
}

/** A tensor of indices, or a mask. */
export function drawIndices(random: Random, theme: Theme, isMask: boolean): TensorSpec {
  const below = random.chance(0.9) ? Math.max(1, Math.min(...theme.shape, 3)) : 8;
  const shape = random.chance(0.5) ? theme.shape : random.chance(0.6) ? theme.shape.slice(0, 1) : drawShape(random);
  const fill = random.chance(0.06) ? 'edge' : 'index';
  return { shape, dtype: isMask ? 'bool' : random.chance(0.95) ? 'int64' : random.pick(DTYPES), fill, below: isMask ? 2 : below, seed: random.int(0, 1000), layout: random.weighted(LAYOUTS), requiresGrad: false };
}
