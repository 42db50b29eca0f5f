// Operators that read or write at places that other tensors name.
import * as A from '../../../generated/functions';
import type { Tensor } from '../../../tensor/tensor';
import type { Row } from '../node';
import { dimOf, product, type Rows } from './family';

/** Places that may count from the end, as places from the start, int64. */
function placesIn(index: Tensor, size: number): Tensor {
  const places = index.to('int64');
  return A.where(A.lt(places, 0), A.add(places, size), places);
}

const gather: Row = (node) => {
  const axis = node.int('axis', 0);
  node.weight(0);
  node.setting(1);
  return ([x, index]) => {
    const dim = dimOf(axis, x!.ndim);
    const places = placesIn(index!, x!.shape[dim]!);
    if (places.ndim === 0) return A.reshape(A.indexSelect(x!, dim, A.reshape(places, [1])), [...x!.shape.slice(0, dim), ...x!.shape.slice(dim + 1)]);
    const rows = A.indexSelect(x!, dim, A.reshape(places, [-1]));
    return places.ndim === 1 ? rows : A.reshape(rows, [...x!.shape.slice(0, dim), ...places.shape, ...x!.shape.slice(dim + 1)]);
  };
};

const gatherElements: Row = (node) => {
  const axis = node.int('axis', 0);
  node.setting(1);
  return ([x, index]) => {
    const dim = dimOf(axis, x!.ndim);
    return A.gather(x!, dim, placesIn(index!, x!.shape[dim]!));
  };
};

/** Of tuples of places in the first dims of `shape`, the places in these dims as one. */
function flatPlaces(index: Tensor, shape: readonly number[]): Tensor {
  const last = index.ndim - 1;
  let flat: Tensor | null = null;
  for (let i = 0; i < shape.length; i++) {
    const part = placesIn(A.select(index, last, i), shape[i]!);
    flat = flat === null ? part : A.add(A.mul(flat, shape[i]!), part);
  }
  return flat ?? A.zeros(index.shape.slice(0, -1), { dtype: 'int64' });
}

const gatherND: Row = (node) => {
  const batch = node.int('batch_dims', 0);
  node.weight(0);
  node.setting(1);
  return ([x, index]) => {
    const depth = index!.shape.at(-1)!;
    const outer = x!.shape.slice(0, batch);
    const count = product(outer);
    const inner = x!.shape.slice(batch, batch + depth);
    const rest = x!.shape.slice(batch + depth);
    const places = index!.shape.slice(batch, -1);
    const flat = A.reshape(flatPlaces(index!, inner), [count, product(places)]);
    // Batches lie one behind another.
    const starts = A.mul(A.unsqueeze(A.arange(count, { dtype: 'int64' }), 1), product(inner));
    const rows = A.reshape(x!, [count * product(inner), ...rest]);
    return A.reshape(A.indexSelect(rows, 0, A.reshape(A.add(flat, starts), [-1])), [...outer, ...places, ...rest]);
  };
};

const REDUCTIONS = { mul: 'prod', max: 'amax', min: 'amin' } as const;

type Reduction = 'none' | 'add' | keyof typeof REDUCTIONS;

const scatterElements: Row = (node) => {
  const axis = node.int('axis', 0);
  const reduction = node.text<Reduction>('reduction', 'none', 'add', 'mul', 'max', 'min');
  node.setting(1);
  return ([x, index, updates]) => {
    const dim = dimOf(axis, x!.ndim);
    const places = placesIn(index!, x!.shape[dim]!);
    if (reduction === 'none') return A.scatter(x!, dim, places, updates!);
    return reduction === 'add' ? A.scatterAdd(x!, dim, places, updates!) : A.scatterReduce(x!, dim, places, updates!, REDUCTIONS[reduction]);
  };
};

const scatterND: Row = (node) => {
  const reduction = node.text<Reduction>('reduction', 'none', 'add', 'mul', 'max', 'min');
  node.setting(1);
  return ([x, index, updates]) => {
    const depth = index!.shape.at(-1)!;
    const inner = x!.shape.slice(0, depth);
    const width = product(x!.shape.slice(depth));
    const rows = A.reshape(x!, [product(inner), width]);
    const flat = A.reshape(flatPlaces(index!, inner), [-1]);
    const given = A.reshape(updates!, [flat.numel(), width]);
    if (reduction === 'none') return A.reshape(A.indexCopy(rows, 0, flat, given), x!.shape);
    if (reduction === 'add') return A.reshape(A.indexAdd(rows, 0, flat, given), x!.shape);
    const places = A.broadcastTo(A.unsqueeze(flat, 1), [flat.numel(), width]);
    return A.reshape(A.scatterReduce(rows, 0, places, given, REDUCTIONS[reduction]), x!.shape);
  };
};

const oneHot: Row = (node) => {
  const axis = node.int('axis', -1);
  const depth = node.number(1);
  node.setting(0, 2);
  return (inputs) => {
    const [index, , values] = inputs;
    const count = depth(inputs)!;
    const places = placesIn(A.trunc(index!), count);
    const dim = axis < 0 ? axis + places.ndim + 1 : axis;
    const row = A.reshape(A.arange(count, { dtype: 'int64' }), [count, ...places.shape.slice(dim).map(() => 1)]);
    const [off, on] = [A.select(values!, 0, 0), A.select(values!, 0, 1)];
    return A.where(A.eq(A.unsqueeze(places, dim), row), on, off);
  };
};

const nonZero: Row = (node) => {
  node.setting(0);
  // A single number is a list of one.
  return ([x]) => A.transpose(A.nonzero(x!.ndim === 0 ? A.reshape(x!, [1]) : x!), 0, 1);
};

const compress: Row = (node) => {
  const axis = node.has('axis') ? node.int('axis', 0) : null;
  node.setting(1);
  return ([x, condition]) => {
    const places = A.reshape(A.nonzero(condition!), [-1]);
    return axis === null ? A.indexSelect(A.reshape(x!, [-1]), 0, places) : A.indexSelect(x!, axis, places);
  };
};

const reverseSequence: Row = (node) => {
  const [batch, time] = [node.int('batch_axis', 1), node.int('time_axis', 0)];
  node.setting(1);
  return ([x, lengths]) => {
    const n = x!.shape[time]!;
    const steps = A.reshape(A.arange(n, { dtype: 'int64' }), x!.shape.map((_, i) => (i === time ? n : 1)));
    const ends = A.reshape(lengths!, x!.shape.map((size, i) => (i === batch ? size : 1)));
    const places = A.where(A.lt(steps, ends), A.sub(A.sub(ends, 1), steps), steps);
    return A.gather(x!, time, A.broadcastTo(places, x!.shape));
  };
};

export const indexing = (): Rows => ({
  Gather: gather, GatherElements: gatherElements, GatherND: gatherND, Scatter: scatterElements, ScatterElements: scatterElements,
  ScatterND: scatterND, OneHot: oneHot, NonZero: nonZero, Compress: compress, ReverseSequence: reverseSequence,
});
