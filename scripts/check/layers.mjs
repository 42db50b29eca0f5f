// The layers of ts/, from low to high: a file imports from its own folder and from folders below. The lint rule in eslint.config.js and
// test/architecture.test.ts both go by this list; docs/architecture.md says what each folder is for.

/** The folders, lowest first; `index` is ts/index.ts, which gathers what is public. */
export const LAYERS = [
  'core', 'runtime', 'tensor', 'autograd', 'nn', 'optim', 'func', 'graph', 'distributions', 'data', 'viz', 'io', 'diagnostics', 'index', 'entry',
];

/** Files that stand at another height than their folder: the generated bindings are calls of `tensor`, the table and the ABI are numbers and names. */
const ELSEWHERE = { 'generated/abi': 'core', 'generated/table': 'core', generated: 'tensor' };

/**
 * Upward imports of types, which are erased: a knot of types alone, where what is below names in a signature what is above.
 * `from -> to`, files without their ending.
 */
export const TYPES_UPWARD = [
  // A tensor's own type lists the members that autograd gives it, and these name its nodes and hooks.
  'tensor/tensor -> autograd/tensor-gradients',
];

/** The height of a file, `autograd/hooks` or `index`; undefined for a folder that the list lacks. */
export function heightOf(file) {
  const folder = file.split('/')[0];
  const layer = ELSEWHERE[file] ?? ELSEWHERE[folder] ?? folder;
  const height = LAYERS.indexOf(layer);
  return height < 0 ? undefined : height;
}

/** Whether the file `from` may import `to`; `isType` says that only types are imported. */
export function mayImport(from, to, isType) {
  if (isType && TYPES_UPWARD.includes(`${from} -> ${to}`)) return true;
  return heightOf(to) <= heightOf(from);
}
