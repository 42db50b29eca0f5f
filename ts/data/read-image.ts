// Images as tensors.
import { FormatError, UsageError } from '../core/errors';
import { Kind, REFUSED, callable, word } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { tensor } from '../tensor/create';
import type { Tensor } from '../tensor/tensor';
import { bytesOf, fileSource, type FileSource } from './bytes';
import { decodePng, isPng, type Pixels } from './png';

/** Pixels with red, green, blue and alpha: a browser's `ImageData`, and what decoders such as `jpeg-js` give. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Which channels an image is to have. */
export type ImageMode = 'unchanged' | 'gray' | 'grayAlpha' | 'rgb' | 'rgbAlpha';

/** The arguments of `readImage`. */
export interface ReadImageArguments {
  /** A PNG file, a file that `decode` can read, or an `ImageData`. */
  source: FileSource | RgbaImage;
  /** Which channels there are to be; by default those of the file. */
  mode?: ImageMode;
  /** Decodes what is not a PNG to pixels with four channels. */
  decode?: ((bytes: Uint8Array) => RgbaImage) | null;
}

const isImage = (value: unknown): value is RgbaImage => {
  const { width, height, data } = (typeof value === 'object' && value !== null ? value : {}) as Partial<RgbaImage>;
  return Number.isInteger(width) && Number.isInteger(height) && (data instanceof Uint8Array || data instanceof Uint8ClampedArray);
};

const source = /* @__PURE__ */ new Kind<FileSource | RgbaImage>(
  'bytes, the path of a file, or an ImageData',
  (value) => (isImage(value) ? value : fileSource.take(value) === value ? value : REFUSED),
  undefined,
  true,
);

const CHANNELS: Readonly<Record<ImageMode, number>> = { unchanged: 0, gray: 1, grayAlpha: 2, rgb: 3, rgbAlpha: 4 };

/**
 * Reads an image: a uint8 tensor of shape [channels, height, width], as torchvision's `read_image` gives it.
 *
 * PNG is read here, with the host's zlib. Anything else is decoded by `decode`: for JPEG install `jpeg-js` and pass
 * `decode: (bytes) => jpeg.decode(bytes, { useTArray: true })`. In browsers pass the `ImageData` of a canvas.
 *
 * @throws FormatError for a malformed file, saying where; UsageError for a file that is not a PNG, without `decode`.
 */
export const readImage: Stated & ((...args: Arguments<ReadImageArguments, ['source', 'mode', 'decode']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ReadImageArguments>('readImage', () => ({
    source,
    mode: word<ImageMode>('unchanged', 'gray', 'grayAlpha', 'rgb', 'rgbAlpha').or('unchanged'),
    decode: callable.orNull(),
  })),
  ({ source: given, mode, decode }) => {
    const pixels = pixelsOf(given, decode);
    return tensorOf(pixels, mode === 'unchanged' ? pixels.channels : CHANNELS[mode]);
  },
);

function pixelsOf(given: FileSource | RgbaImage, decode: ReadImageArguments['decode']): Pixels {
  if (isImage(given)) return rgba(given);
  const bytes = bytesOf('readImage', given);
  if (isPng(bytes)) return decodePng('readImage', bytes);
  if (decode != null) {
    const image: unknown = decode(bytes);
    if (!isImage(image)) throw new UsageError('readImage: decode must return an object with width, height and data', 'readImage');
    return rgba(image);
  }
  const what = bytes[0] === 0xff && bytes[1] === 0xd8 ? 'a JPEG' : 'not a PNG';
  throw new UsageError(`readImage: the file is ${what}; pass decode, such as (bytes) => jpeg.decode(bytes, { useTArray: true }) of the package jpeg-js`, 'readImage');
}

function rgba({ width, height, data }: RgbaImage): Pixels {
  if (data.length !== 4 * width * height) {
    throw new FormatError(`readImage: expected ${4 * width * height} bytes for ${width} by ${height} pixels of four channels, got ${data.length}`, 'readImage');
  }
  return { width, height, channels: 4, data };
}

/** Pixels as planes, with the channels that are asked for. */
function tensorOf({ width, height, channels, data }: Pixels, wanted: number): Tensor {
  const area = width * height;
  const planes = new Uint8Array(area * wanted);
  const [isGray, wantsGray] = [channels < 3, wanted < 3];
  const colours = wantsGray ? 1 : 3;
  for (let i = 0; i < area; i++) {
    const at = i * channels;
    if (wantsGray && !isGray) {
      // The weights of ITU-R BT.601 in 16 bits, as libpng and Pillow have them.
      planes[i] = (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
    } else for (let c = 0; c < colours; c++) planes[c * area + i] = data[at + (isGray ? 0 : c)]!;
    if (wanted % 2 === 0) planes[colours * area + i] = channels % 2 === 0 ? data[at + channels - 1]! : 255;
  }
  const flat = tensor(planes);
  const shaped = flat.view([wanted, height, width]);
  flat.dispose();
  return shaped;
}
