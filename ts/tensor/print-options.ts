// How tensors print: PyTorch's torch.set_printoptions.
import { boolean, integerFrom, kind, word, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';

/** What there is to choose. */
interface PrintSettings {
  precision: number;
  threshold: number;
  edgeitems: number;
  linewidth: number;
  sciMode: boolean | null;
}

const PROFILES = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
};

/** What holds now. */
export const printSettings: PrintSettings = { ...PROFILES.default, sciMode: null };

/** The arguments of `setPrintOptions`. */
export interface PrintOptions {
  /** How many digits follow the point; 4 by default. */
  precision?: number | null;
  /** The number of elements above which only the edges are shown; 1000 by default, and Infinity shows all. */
  threshold?: number | null;
  /** How many elements are shown at either edge; 3 by default. */
  edgeitems?: number | null;
  /** The number of columns; 80 by default. */
  linewidth?: number | null;
  /** Values to begin with: `'default'`, `'short'` or `'full'`; what is named besides goes over them. */
  profile?: 'default' | 'short' | 'full' | null;
  /** Whether numbers are in scientific form; null, the default, leaves it to the numbers. As in PyTorch each call sets it. */
  sciMode?: boolean | null;
}

/** JavaScript writes no more digits than these. */
const MOST_DIGITS = 99;

const precision = (): Kind<number> =>
  kind<number>(`an integer from 0 to ${MOST_DIGITS}`, (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_DIGITS);
const count = (): Kind<number> => kind<number>('a number of at least 0', (value) => typeof value === 'number' && value >= 0);

/** Sets how tensors print from now on. What is left out, or null, stays as it is, but for `sciMode`. */
export const setPrintOptions: Stated & ((...args: Arguments<PrintOptions, ['precision', 'threshold', 'edgeitems', 'linewidth', 'profile', 'sciMode']>) => void) =
  /* @__PURE__ */ named(
    /* @__PURE__ */ parameters<PrintOptions>('setPrintOptions', () => ({
      precision: precision().orNull(),
      threshold: count().orNull(),
      edgeitems: integerFrom(0).orNull(),
      linewidth: count().orNull(),
      profile: word('default', 'short', 'full').orNull(),
      sciMode: boolean.orNull(),
    })),
    ({ profile, sciMode, ...given }) => {
      if (profile !== null) Object.assign(printSettings, PROFILES[profile]);
      Object.assign(printSettings, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)), { sciMode });
    },
  );
