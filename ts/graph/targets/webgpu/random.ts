// Random numbers, each a function of its place, its call, and the run: kernels that need it twice compute it twice.
import { dense } from './layout';
import type { Place } from './lazy';
import type { Lowering } from './planner';

/** Each op and how it is computed. */
export const RANDOM: Readonly<Record<string, Lowering>> = {
  rand: (planner, call) => {
    const shape = call.shape();
    const place: Place = { is: 'place', layout: dense(shape), kind: 'i32', shape };
    return [planner.formula(`random_of(${call.number('stream')}u, $0, $1)`, 'f32', shape, place, planner.input(call, 0))];
  },
};
