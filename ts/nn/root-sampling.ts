// PyTorch's forms of functions of `nn.functional` at the root that have numbers for words, or other orders: sampling and pooling.
import { boolean, integer, type Kind } from '../core/kinds';
import { UsageError, under } from '../core/errors';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { adaptiveMaxPool1d as adaptive, affineGrid, gridSample, maxPool1d } from '../generated/functional';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { maxPooling, type MaxPooling, type WithIndices } from './functional-pool';
import { sizeList, type Sizes } from './pairs';

/** The numbers of the modes of `gridSampler`. */
export const GRID_SAMPLE_INTERPOLATION_MODES = { bilinear: 0, nearest: 1, bicubic: 2 } as const;

/** The numbers of what `gridSampler` sees outside of its input. */
export const GRID_SAMPLE_PADDING_MODES = { zeros: 0, border: 1, reflection: 2 } as const;

/** The word with this number; `name` says what it is for. */
export function wordOf<W extends string>(where: string, name: string, words: Readonly<Record<W, number>>, number: number): W {
  const found = (Object.keys(words) as W[]).find((word) => words[word] === number);
  if (found !== undefined) return found;
  const known = Object.entries(words).map(([word, of]) => `${String(of)} for '${word}'`);
  throw new UsageError(`${where}: ${name} must be ${known.join(', ')}, got ${number}`, where, { [name]: number });
}

interface Sampled {
  /** Images `[N, C, H, W]` or volumes `[N, C, D, H, W]`. */
  input: Tensor;
  /** Places `[N, …, 2]` or `[N, …, 3]`, from −1 to 1. */
  grid: Tensor;
  /** 0 for bilinear, 1 for nearest, 2 for bicubic. */
  interpolationMode: number;
  /** 0 for zeros, 1 for the border, 2 for reflection. */
  paddingMode: number;
  /** Whether −1 and 1 are the centres of the outermost elements. */
  alignCorners: boolean;
}

type Sampler = Stated & ((...args: Arguments<Sampled, ['input', 'grid', 'interpolationMode', 'paddingMode', 'alignCorners']>) => Tensor);

function sampler(where: string): Sampler {
  return named(
    parameters<Sampled>(where, () => ({ input: tensor, grid: tensor, interpolationMode: integer, paddingMode: integer, alignCorners: boolean })),
    ({ input, grid, interpolationMode, paddingMode, alignCorners }) => {
      const mode = wordOf(where, 'interpolationMode', GRID_SAMPLE_INTERPOLATION_MODES, interpolationMode);
      const padding = wordOf(where, 'paddingMode', GRID_SAMPLE_PADDING_MODES, paddingMode);
      return under(where, () => gridSample(input, grid, mode, padding, alignCorners));
    },
  );
}

/** PyTorch's `torch.grid_sampler`: `nn.functional.gridSample` with numbers for words, all of them given. */
export const gridSampler: Sampler = /* @__PURE__ */ sampler('gridSampler');

/** The same of images. */
export const gridSampler2d: Sampler = /* @__PURE__ */ sampler('gridSampler2d');

interface AffineGrid {
  /** Affine maps `[N, 2, 3]` or `[N, 3, 4]`. */
  theta: Tensor;
  /** The size of the output. */
  size: readonly number[];
  /** Whether −1 and 1 are the centres of the outermost elements. */
  alignCorners: boolean;
}

/** PyTorch's `torch.affine_grid_generator`: `nn.functional.affineGrid` with all arguments given. */
export const affineGridGenerator: Stated & ((...args: Arguments<AffineGrid, ['theta', 'size', 'alignCorners']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<AffineGrid>('affineGridGenerator', () => ({ theta: tensor, size: sizeList as unknown as Kind<readonly number[]>, alignCorners: boolean })),
  ({ theta, size, alignCorners }) => under('affineGridGenerator', () => affineGrid(theta, size, alignCorners)),
);

interface Adaptive {
  input: Tensor;
  /** How many windows there are. */
  outputSize: Sizes;
}

/** PyTorch's `torch.adaptive_max_pool1d`, which also returns the places of the elements. */
export const adaptiveMaxPool1d: Stated & ((...args: Arguments<Adaptive, ['input', 'outputSize']>) => WithIndices) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Adaptive>('adaptiveMaxPool1d', () => ({ input: tensor, outputSize: sizeList })),
  ({ input, outputSize }) => adaptive(input, outputSize, true),
);

/** PyTorch's `torch.max_pool1d_with_indices`: `maxPool1d` with the places of the elements. */
export const maxPool1dWithIndices: Stated & ((...args: Arguments<MaxPooling, ['input', 'kernelSize', 'stride', 'padding', 'dilation', 'ceilMode']>) => WithIndices) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<MaxPooling>('maxPool1dWithIndices', maxPooling),
  ({ input, kernelSize, stride, padding, dilation, ceilMode }) => under('maxPool1dWithIndices', () => maxPool1d(input, kernelSize, stride, padding, dilation, ceilMode, true)),
);
