// Arrays of NumPy, `.npy`, versions 1 to 3 of the format.
import { refuseInCapture } from '../core/capturing';
import { SIZES, codeOf, type DType } from '../core/dtype';
import { DTypeError } from '../core/errors';
import { named, parameters, type Stated } from '../core/options';
import { noGrad } from '../autograd/autograd';
import { empty } from '../generated/functions';
import { checkReadable, tensorOfBytes, withBytes } from '../tensor/bytes';
import { MAX_DIMS } from '../tensor/create';
import { tensor } from '../tensor/tensor-kinds';
import type { Tensor } from '../tensor/tensor';
import { numelOf, settle } from './byte-order';
import type { Input } from './input';
import { parseLiteral } from './python-literal';
import { reading, source, type Reads, type Source } from './source';
import { target, writing, type Sink, type Target, type Written } from './target';
import { textOf } from './utf8';

/** Kind and size of an element as NumPy writes them, by dtype. It has no bfloat16. */
const DESCRIPTIONS: Readonly<Partial<Record<DType, string>>> = {
  float32: 'f4',
  float64: 'f8',
  int64: 'i8',
  int32: 'i4',
  int16: 'i2',
  int8: 'i1',
  uint8: 'u1',
  bool: 'b1',
  float16: 'f2',
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The longest header; NumPy itself reads a sixth of that. */
const LONGEST_HEADER = 0xffff;

/** Data begin at a multiple of this. */
const ALIGNMENT = 64;

/** The array that an input holds. One in Fortran order becomes a tensor with such strides. */
export function readNpy(input: Input): Tensor {
  const start = input.read(0, Math.min(input.size, 12), 'the beginning');
  if (!MAGIC.every((byte, i) => start[i] === byte)) throw input.error('it is no array of NumPy: its first bytes are others', 0);
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) throw input.error(`version ${version} of the format is unknown`, 6);
  input.check(0, 12, 'the beginning');
  const view = new DataView(start.buffer, start.byteOffset, 12);
  const headerAt = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) throw input.error(`the header has ${length} bytes; at most ${LONGEST_HEADER} are read`, 8);
  const text = textOf(input.read(headerAt, length, 'the header'));
  const fields = text === null ? null : parseLiteral(text);
  const [descr, isFortran, shape] = ['descr', 'fortran_order', 'shape'].map((name) => fields?.get(name));
  if (fields?.size !== 3 || typeof isFortran !== 'boolean' || !Array.isArray(shape) || typeof descr !== 'string') {
    throw input.error('the header must say descr, fortran_order and shape', headerAt, { header: text?.slice(0, 200) });
  }
  const sizes = shape as number[];
  const [order, kind] = [descr.charAt(0), descr.slice(1)];
  const dtype = (Object.keys(DESCRIPTIONS) as DType[]).find((name) => DESCRIPTIONS[name] === kind);
  if (dtype === undefined || !'<>|='.includes(order) || order === '') {
    throw input.error(`the dtype ${JSON.stringify(descr.slice(0, 40))} cannot be read; convert it in NumPy: ${adviceFor(kind)}`, headerAt, { descr });
  }
  const numel = numelOf(sizes);
  if (numel === null || sizes.length > MAX_DIMS) {
    throw input.error(`the shape (${sizes.slice(0, 20).join(', ')}) has too many elements or dims`, headerAt);
  }
  const code = codeOf(dtype)!;
  const dataAt = headerAt + length;
  if (numel * SIZES[code]! !== input.size - dataAt) {
    throw input.error(`shape (${sizes.join(', ')}) of ${dtype} takes ${numel * SIZES[code]!} bytes, but there are ${input.size - dataAt}`, dataAt);
  }
  const made = tensorOfBytes(code, isFortran ? [...sizes].reverse() : sizes, (bytes) => {
    input.readInto(bytes, dataAt, 'the data');
    settle(bytes, code, order === '>');
  });
  return isFortran && sizes.length > 1 ? transposed(made) : made;
}

function adviceFor(kind: string): string {
  if (kind.startsWith('c')) return 'a.real and a.imag';
  if (kind.startsWith('u')) return "a.astype('int64')";
  return "a.astype('float32')";
}

/** The tensor with its dims reversed, over the same memory and with no relation to the one given, which goes. */
function transposed(t: Tensor): Tensor {
  return noGrad(() => {
    const view = t.T;
    const out = empty([0], { dtype: t.dtype });
    out.data = view;
    view.dispose();
    t.dispose();
    return out;
  });
}

/** Writes a tensor as an array, in row-major order. */
export function writeNpy(op: string, t: Tensor, sink: Sink): void {
  checkReadable(op, t);
  const descr = DESCRIPTIONS[t.dtype];
  if (descr === undefined) throw new DTypeError(`${op}: NumPy has no ${t.dtype}; save x.to('float32')`, op, { dtype: t.dtype });
  const order = SIZES[codeOf(t.dtype)!] === 1 ? '|' : '<';
  const shape = t.shape.length === 1 ? `(${t.shape[0]!},)` : `(${t.shape.join(', ')})`;
  const header = `{'descr': '${order}${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + header.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const bytes = Uint8Array.from([...MAGIC, 1, 0, length & 255, length >> 8]);
  sink.write(bytes);
  sink.write(new TextEncoder().encode(`${header.padEnd(length - 1)}\n`));
  withBytes(t, op, (data) => { sink.write(data); });
}

/**
 * Reads an array of NumPy, a `.npy` file of `numpy.save`, as a tensor of its dtype. Big-endian arrays are converted; one in
 * Fortran order becomes a tensor with its strides.
 *
 * @throws FormatError for a file that is damaged, or holds texts, objects or another dtype that tensors lack.
 */
export const loadNpy: Reads<Tensor> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: Source }>('loadNpy', () => ({ source })),
  ({ source: from }) => {
    refuseInCapture('loadNpy', 'read');
    return reading('loadNpy', from, readNpy);
  },
);

/** The arguments of `saveNpy`. */
export interface SaveNpyArguments {
  tensor: Tensor;
  /** The path of the file; where there is none, its bytes are returned. */
  target?: Target | null;
}

/** The function `saveNpy`. */
export interface SaveNpy extends Stated {
  <W extends Target | null | undefined = undefined>(tensor: Tensor, target?: W): Written<W>;
  <W extends Target | null | undefined = undefined>(tensor: Tensor, options: { target?: W }): Written<W>;
  <W extends Target | null | undefined = undefined>(options: { tensor: Tensor; target?: W }): Written<W>;
}

/**
 * Writes a tensor as a `.npy` file, which `numpy.load` reads, in row-major order. Without a target it returns the bytes.
 *
 * @throws DTypeError for bfloat16, which NumPy lacks.
 */
export const saveNpy: SaveNpy = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SaveNpyArguments>('saveNpy', () => ({ tensor, target })),
  ({ tensor: t, target: to }) => writing('saveNpy', to, (sink) => { writeNpy('saveNpy', t, sink); }),
);
