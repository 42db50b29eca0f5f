// Adding elements at computed places, several of which may be the same.
import { count, type Layout } from './layout';
import { type Lazy, type Store } from './lazy';
import { Bindings, Statements, THREADS, shader, spreadGroups, type Dispatch } from './shader';

/**
 * A kernel that adds each element of `value` to `out` at `at`, a thread an element. Sums of several elements at one place are made in
 * no fixed order, so their last bits may differ from run to run.
 */
export function scatterKernel(label: string, shape: readonly number[], at: Lazy, value: Lazy, out: Store): Dispatch | null {
  const total = count(shape);
  if (total === 0) return null;
  const bindings = new Bindings();
  const { groups, number } = spreadGroups(Math.ceil(total / THREADS));
  const body = new Statements(bindings, [{ shape, flat: 'row' }], 'v');
  const [place, added] = [body.value(at), body.value(value)];
  const name = bindings.nameOf(out, true);
  // There are no atomic floats: the sum takes the place of what it was made of, unless another came first.
  const lines = [
    `let row = ${number} * ${THREADS} + i32(thread);`,
    `if (row >= ${total}) { return; }`,
    ...body.lines,
    `if (${place} < 0 || ${place} >= ${out.size}) { return; }`,
    `var before = atomicLoad(&${name}[${place}]);`,
    'loop {',
    `  let result = atomicCompareExchangeWeak(&${name}[${place}], before, bitcast<u32>(bitcast<f32>(before) + ${added}));`,
    '  if (result.exchanged) { break; }',
    '  before = result.old_value;',
    '}',
  ];
  const code = shader(bindings, THREADS, [], lines).replace(`${name}: array<f32>`, `${name}: array<atomic<u32>>`);
  return { is: 'dispatch', label, code, groups, bindings: bindings.list, work: total };
}

/** The layout without memory that goes along with one: the place of each element. */
export function placesOf(layout: Layout): Lazy {
  return { is: 'place', layout, kind: 'i32', shape: layout.shape };
}
