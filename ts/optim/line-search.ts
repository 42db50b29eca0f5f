// A line search for the strong conditions of Wolfe.

/** The function along the line: value, slope, and what the caller keeps of the place. */
export interface Place<G> {
  t: number;
  f: number;
  slope: number;
  gradient: G;
}

/** The least value of the cubic through two places, kept in bounds; their middle where it has none. */
function cubicMinimum(a: Place<unknown>, b: Place<unknown>, low = Math.min(a.t, b.t), high = Math.max(a.t, b.t)): number {
  const d1 = a.slope + b.slope - (3 * (a.f - b.f)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(t, low), high);
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;

/**
 * A place on the line that decreases the function enough and is flat enough, and how often the function was asked. `start` is at t = 0,
 * `size` is the greatest element of the direction, `most` the most evaluations after the first.
 *
 * Source: Nocedal and Wright, "Numerical optimization", algorithms 3.5 and 3.6, with the choices of PyTorch's LBFGS, after minFunc.
 */
export function strongWolfe<G>(
  at: (t: number) => Place<G>,
  t: number,
  start: Place<G>,
  size: number,
  toleranceChange: number,
  most: number,
): { place: Place<G>; evaluations: number } {
  const isTooHigh = (p: Place<G>): boolean => p.f > start.f + DECREASE * p.t * start.slope;
  const isFlat = (p: Place<G>): boolean => Math.abs(p.slope) <= -CURVATURE * start.slope;
  let last = start;
  let now = at(t);
  let evaluations = 1;
  let count = 0;
  let bracket: [Place<G>, Place<G>] | null = null;
  while (count < most) {
    if (isTooHigh(now) || (count > 1 && now.f >= last.f)) {
      bracket = [last, now];
      break;
    }
    if (isFlat(now)) return { place: now, evaluations };
    if (now.slope >= 0) {
      bracket = [last, now];
      break;
    }
    const next = cubicMinimum(last, now, now.t + 0.01 * (now.t - last.t), now.t * 10);
    last = now;
    now = at(next);
    evaluations += 1;
    count += 1;
  }
  bracket ??= [start, now];
  let low = bracket[0].f <= bracket[1].f ? 0 : 1;
  let isStuck = false;
  while (count < most) {
    const [a, b] = bracket;
    if (Math.abs(b.t - a.t) * size < toleranceChange) break;
    let next = cubicMinimum(a, b);
    const [least, greatest] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
    const margin = 0.1 * (greatest - least);
    const isNearEnd = Math.min(greatest - next, next - least) < margin;
    if (isNearEnd && (isStuck || next >= greatest || next <= least)) {
      next = Math.abs(next - greatest) < Math.abs(next - least) ? greatest - margin : least + margin;
      isStuck = false;
    } else isStuck = isNearEnd;
    now = at(next);
    evaluations += 1;
    count += 1;
    const high = 1 - low;
    if (isTooHigh(now) || now.f >= bracket[low]!.f) {
      bracket[high] = now;
      low = bracket[0].f <= bracket[1].f ? 0 : 1;
    } else {
      const isDone = isFlat(now);
      if (!isDone && now.slope * (bracket[high]!.t - bracket[low]!.t) >= 0) bracket[high] = bracket[low]!;
      bracket[low] = now;
      if (isDone) break;
    }
  }
  return { place: bracket[low]!, evaluations };
}
