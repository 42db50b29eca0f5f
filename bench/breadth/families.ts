// All families of the breadth bench, in the order in which they are measured.
import type { Case, Family, Program } from './case';
import { broadcast, casts, elementwise, float64, small } from './cases/elementwise';
import { indexing, layout } from './cases/indexing';
import { linearAlgebra } from './cases/linalg';
import { convolutions, distances, losses, models, pools, products } from './cases/networks';
import { random } from './cases/random';
import { norms, reductions, scans, softmaxes } from './cases/reductions';

export const FAMILIES: readonly Family[] = [
  small, elementwise, float64, broadcast, casts, reductions, softmaxes, norms, scans, indexing, layout,
  products, convolutions, pools, losses, distances, linearAlgebra, random, models,
];

/** A case with its family; `id` is what it is called in results and on the command line. */
export interface Placed {
  readonly id: string;
  readonly family: Family;
  readonly made: Case | Program;
}

export const CASES: readonly Placed[] = FAMILIES.flatMap((family) => family.cases.map((made) => ({ id: `${family.name}/${made.name.replaceAll(' ', '_')}`, family, made })));
