// Sizes, counts, strides and paddings beyond what shapes hold: errors that say so, with the number that was given.
import { describe, expect, it } from 'vitest';
import {
  AdjointError, arange, asStrided, bincount, broadcastTo, chunk, empty, eye, full, linspace, logspace, multinomial, nn, normal, ones, rand, randint, randn, randperm,
  tensor, zeros,
} from 'adjoint';

const F = nn.functional;
const image = zeros([1, 1, 3, 3]);
const dot = zeros([1, 1, 1, 1]);
const square = zeros([1, 1, 2, 2]);

/** Calls by a number that 32 bits do not hold. */
const CALLS: Readonly<Record<string, (n: number) => unknown>> = {
  zeros: (n) => zeros([0, n, 4]),
  'layers of an encoder': (n) => new nn.TransformerEncoder(new nn.Identity(), n),
  'layers of a decoder': (n) => new nn.TransformerDecoder({ decoderLayer: new nn.Identity(), numLayers: n }),
  'layers of a Transformer': (n) => new nn.Transformer({ dModel: 2, nhead: 1, numEncoderLayers: n }),
  ones: (n) => ones([n]),
  empty: (n) => empty([n, 0]),
  full: (n) => full([0, n], 1),
  rand: (n) => rand([0, n]),
  randn: (n) => randn([n]),
  randint: (n) => randint(0, 2, [n]),
  normal: (n) => normal(0, 1, [n]),
  newZeros: (n) => ones([1]).newZeros([0, n]),
  eye: (n) => eye(n),
  'eye by columns': (n) => eye(2, n),
  linspace: (n) => linspace(0, 1, n),
  logspace: (n) => logspace(0, 1, n),
  randperm: (n) => randperm(n),
  arange: (n) => arange(n),
  'arange of floats': (n) => arange(0, n, 1, { dtype: 'float64' }),
  multinomial: (n) => multinomial(ones([3]), n, true),
  view: (n) => zeros([0]).view([0, n]),
  reshape: (n) => zeros([0]).reshape([0, n]),
  expand: (n) => zeros([1, 0]).expand([n, 0]),
  broadcastTo: (n) => broadcastTo(zeros([1]), [n]),
  repeat: (n) => zeros([1]).repeat([n]),
  tile: (n) => zeros([1]).tile([n]),
  repeatInterleave: (n) => zeros([1]).repeatInterleave(n),
  'asStrided by size': (n) => asStrided(zeros([2]), [n], [1]),
  'asStrided by stride': (n) => asStrided(zeros([2]), [1], [n]),
  'asStrided by offset': (n) => asStrided(zeros([2]), [1], [1], n),
  narrow: (n) => zeros([3]).narrow(0, n, 1),
  splitWithSizes: (n) => zeros([3]).splitWithSizes([n, 3]),
  chunk: (n) => chunk(zeros([0, 2]), n),
  tensorSplit: (n) => zeros([3]).tensorSplit(n),
  unflatten: (n) => zeros([6]).unflatten(0, [n, 2]),
  oneHot: (n) => F.oneHot(tensor([1n]), n),
  pad: (n) => F.pad(zeros([2]), [n, 0]),
  layerNorm: (n) => F.layerNorm(zeros([2]), [n]),
  'conv2d by padding': (n) => F.conv2d(image, dot, { padding: n }),
  'conv2d by dilation': (n) => F.conv2d(image, square, { dilation: n }),
  'convTranspose2d by padding': (n) => F.convTranspose2d(image, dot, { padding: n }),
  'convTranspose2d by outputPadding': (n) => F.convTranspose2d(image, dot, { outputPadding: n }),
  'avgPool2d by kernelSize': (n) => F.avgPool2d(image, n),
  'maxPool2d by padding': (n) => F.maxPool2d(image, 2, 1, n),
  'maxPool1d by kernelSize': (n) => F.maxPool1d(zeros([1, 1, 3]), n),
  adaptiveAvgPool2d: (n) => F.adaptiveAvgPool2d(image, n),
  topk: (n) => zeros([3]).topk(n),
  diag: (n) => zeros([2]).diag(n),
  bincount: (n) => bincount(tensor([0n]), null, n),
  'bincount with weights': (n) => bincount(tensor([0n]), ones([1]), n),
  'bincount by an element': (n) => bincount(tensor([BigInt(n - 1)])),
  fold: (n) => F.fold(ones([1, 4, 1]), [n, 2], [2, 2]),
};

/** What a call that must fail fails with. */
function error(call: () => unknown): AdjointError {
  try {
    call();
  } catch (e) {
    return e as AdjointError;
  }
  throw new Error('accepted');
}

describe('a number beyond what shapes hold', () => {
  for (const [name, call] of Object.entries(CALLS)) {
    it(`is refused as that by ${name}, as it was given`, () => {
      for (const n of [2 ** 32, 2 ** 32 + 5, 2 ** 40]) {
        const e = error(() => call(n));
        expect(e).toBeInstanceOf(AdjointError);
        expect(e.message).toContain(String(n));
        expect(e.message).not.toMatch(/must be non-negative|or non-negative|not be negative|or equal to 0|of 268435456|kernelSize 268435456|4294967295\]/);
      }
    });
  }

  it('says what the limit is', () => {
    expect(error(() => zeros([0, 2 ** 32, 4])).message).toBe(
      'zeros: a size of 4294967296 is more than a shape holds here, which is 4294967295 at most; use a smaller one',
    );
  });

  it('is fine where it only says how far to step', () => {
    expect(F.conv2d(image, dot, { stride: 2 ** 40 }).shape).toEqual([1, 1, 1, 1]);
    expect(F.conv2d(image, dot, { dilation: 2 ** 40 }).shape).toEqual([1, 1, 3, 3]);
    expect(F.avgPool2d(image, 2, { stride: 2 ** 40 }).shape).toEqual([1, 1, 1, 1]);
    expect(F.avgPool2d(image.add(1), 2 ** 40, { ceilMode: true, countIncludePad: false }).tolist()).toEqual([[[[1]]]]);
    expect(F.maxPool2d(image, 2 ** 40, { ceilMode: true }).tolist()).toEqual([[[[0]]]]);
    expect(zeros([3]).split(2 ** 40).length).toBe(1);
    expect(zeros([3]).chunk(2 ** 40).length).toBe(3);
  });

  it('is not mistaken for one that is negative', () => {
    expect(error(() => zeros([2, -1])).message).toBe('zeros: sizes must be non-negative, got -1 in [2, -1]');
    expect(error(() => eye(-1)).message).toMatch(/n must be greater or equal to 0, got -1/);
  });
});
