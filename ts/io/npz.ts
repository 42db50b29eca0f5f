// Archives of NumPy's arrays, `.npz`: a ZIP file with an `.npy` a name.
import { refuseInCapture } from '../core/capturing';
import { UsageError } from '../core/errors';
import { named, parameters, type Stated } from '../core/options';
import { readNpy, writeNpy } from './npy';
import { recordOf, tensorRecord, tensorsIn, type TensorRecord } from './record';
import { joined, reading, source, type Reads, type Source } from './source';
import { target, writing, type Target, type Written } from './target';
import { ZipReader } from './zip-reader';
import { ZipWriter } from './zip-writer';

const ENDING = '.npy';
const ALIGNMENT = 64;

/**
 * Reads the arrays of a `.npz` file of `numpy.savez` or `numpy.savez_compressed`, by name. If anything is wrong, nothing is left
 * behind.
 *
 * @throws FormatError for a file that is damaged, or holds something else than arrays of numbers.
 */
export const loadNpz: Reads<TensorRecord> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ source: Source }>('loadNpz', () => ({ source })),
  ({ source: from }) => {
    refuseInCapture('loadNpz', 'read');
    return reading('loadNpz', from, (input) => {
      const zip = new ZipReader(input);
      const other = [...zip.entries.keys()].find((name) => !name.endsWith(ENDING));
      if (other !== undefined) {
        const advice = other.endsWith('/data.pkl') ? '; the archive is of PyTorch, use load' : '';
        throw input.error(`${other} is no .npy file${advice}`, null, { key: other });
      }
      const names = new Map([...zip.entries].map(([name, entry]) => [name.slice(0, -ENDING.length), entry]));
      return recordOf(names.keys(), (name) => readNpy(zip.open(names.get(name)!)));
    });
  },
);

/** The arguments of `saveNpz`. */
export interface SaveNpzArguments {
  /** Tensors by name. */
  record: TensorRecord;
  /** The path of the file; where there is none, its bytes are returned. */
  target?: Target | null;
}

/** The function `saveNpz`. */
export interface SaveNpz extends Stated {
  <W extends Target | null | undefined = undefined>(record: TensorRecord, target?: W): Written<W>;
  <W extends Target | null | undefined = undefined>(record: TensorRecord, options: { target?: W }): Written<W>;
  <W extends Target | null | undefined = undefined>(options: { record: TensorRecord; target?: W }): Written<W>;
}

/**
 * Writes tensors by name as a `.npz` file, which `numpy.load` reads, without compression. Without a target it returns the bytes.
 *
 * @throws UsageError for what is no tensor; DTypeError for bfloat16, which NumPy lacks.
 */
export const saveNpz: SaveNpz = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SaveNpzArguments>('saveNpz', () => ({ record: tensorRecord, target })),
  ({ record, target: to }) => {
    const tensors = tensorsIn('saveNpz', record);
    for (const [name] of tensors) {
      const isOut = name === '' || /^[/\\]|^[a-z]:|[\\\0]/i.test(name) || name.split('/').includes('..');
      if (isOut) throw new UsageError(`saveNpz: ${JSON.stringify(name)} is no name in an archive; rename it`, 'saveNpz', { key: name });
    }
    return writing('saveNpz', to, (sink) => {
      const zip = new ZipWriter(sink, ALIGNMENT);
      for (const [name, t] of tensors) {
        // The header of a file in an archive says its checksum, so all of it has to be there.
        const chunks: Uint8Array[] = [];
        writeNpy('saveNpz', t, { write: (bytes) => void chunks.push(bytes.slice()) });
        zip.add(`${name}${ENDING}`, joined(chunks));
      }
      zip.finish();
    });
  },
);
