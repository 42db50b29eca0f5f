// The ops of PyTorch that are here, by tier and family, as docs/conformance.md shows them.
import { EXCEPTIONS } from './exceptions';
import { mainForm } from './forms';
import type { OpVectors, index } from './vectors';

type Row = { readonly row: (typeof index)[number]; readonly op: OpVectors };

/** Families by the start of PyTorch's name; the last takes what is left. */
const FAMILIES: readonly (readonly [family: string, starts: string])[] = [
  ['nn.functional', 'nn.functional.'],
  ['linalg', 'linalg.'],
  ['special', 'special.'],
  ['fft', 'fft.'],
  ['masked', 'masked.'],
  ['signal.windows', 'signal.windows.'],
  ['torch and its tensors', ''],
];

const TIERS = [1, 2, 3] as const;

const familyOf = ({ op }: Row): string => FAMILIES.find(([, starts]) => op.op.startsWith(starts))![0];
const isHere = ({ op }: Row): boolean => mainForm(op) !== null;
const count = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0);

/** `52`, or `50 of 52` where some are missing; a dash for none. */
function shown(rows: readonly Row[]): string {
  const here = rows.filter(isHere).length;
  if (rows.length === 0) return '–';
  return here === rows.length ? String(here) : `${here} of ${rows.length}`;
}

function line(family: string, rows: readonly Row[]): string {
  const here = rows.filter(isHere);
  const samples = here.flatMap(({ op }) => op.samples);
  const cells = [
    family,
    ...TIERS.map((tier) => shown(rows.filter(({ row }) => row.tier === tier))),
    shown(rows),
    samples.length,
    samples.filter(({ grads }) => grads !== undefined).length,
    count(here, ({ op }) => op.errors.length),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The page. */
export function table(rows: readonly Row[]): string {
  const families = FAMILIES.map(([family]) => family).filter((family) => rows.some((row) => familyOf(row) === family));
  return `# Conformance

PyTorch checks its ops with samples of its own, OpInfo. ${rows.length} of them were recorded with PyTorch 2.15 on the CPU: values,
gradients, gradients of gradients, and calls that fail. \`test/conformance\` replays all that is recorded for the ops that are
here, in float64 and float32, forwards and backwards, as functions, as methods and in place; its
\`README.md\` says how they are compared. Tier 1 is what networks are made of, tier 2 what programs
often use, tier 3 the rest.

| family | tier 1 | tier 2 | tier 3 | ops | samples | with gradients | calls that fail |
|---|---|---|---|---|---|---|---|
${families.map((family) => line(family, rows.filter((row) => familyOf(row) === family))).join('\n')}
${line('all', rows)}

${Object.keys(EXCEPTIONS).length} samples and calls are not run, or not in every way; \`test/conformance/exceptions.ts\` names each with its reason. A second set of
samples for the same ops is held back.

Written by \`npm run conformance\`, which also replays everything; a test fails where the table is not what is here.
`;
}
