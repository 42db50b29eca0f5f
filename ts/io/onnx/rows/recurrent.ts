// Recurrent layers. The usual ones are the layers there are, with gates in another order; what else ONNX allows is computed step by step.
import * as F from '../../../generated/functional';
import * as A from '../../../generated/functions';
import { lstm } from '../../../tensor/lstm';
import type { Tensor } from '../../../tensor/tensor';
import type { Compute, Node, Row } from '../node';
import type { Rows } from './family';

type Activation = (x: Tensor) => Tensor;

/** Activations by name in lower case; each has up to two numbers. */
const ACTIVATIONS: Readonly<Record<string, (alpha: number | undefined, beta: number | undefined) => Activation>> = {
  relu: () => A.relu,
  tanh: () => A.tanh,
  sigmoid: () => A.sigmoid,
  softsign: () => F.softsign,
  softplus: () => (x) => F.softplus(x),
  elu: (alpha = 1) => (x) => F.elu(x, alpha),
  leakyrelu: (alpha = 0.01) => (x) => F.leakyRelu(x, alpha),
  thresholdedrelu: (alpha = 1) => (x) => F.threshold(x, alpha, 0),
  affine: (alpha = 1, beta = 0) => (x) => A.add(A.mul(x, alpha), beta),
  scaledtanh: (alpha = 1, beta = 1) => (x) => A.mul(A.tanh(A.mul(x, beta)), alpha),
  hardsigmoid: (alpha = 0.2, beta = 0.5) => (x) => A.clamp(A.add(A.mul(x, alpha), beta), 0, 1),
};

/** How many numbers an activation takes from the lists of the node. */
const NUMBERS: Readonly<Record<string, readonly [alphas: number, betas: number]>> = {
  elu: [1, 0], leakyrelu: [1, 0], thresholdedrelu: [1, 0], affine: [1, 1], scaledtanh: [1, 1], hardsigmoid: [1, 1],
};

/** What nodes of recurrent layers have in common. */
interface Layer {
  readonly hidden: number;
  readonly directions: readonly ('forward' | 'reverse')[];
  readonly activations: readonly (readonly Activation[])[];
  /** Whether activations are the usual ones and nothing is clipped. */
  readonly isUsual: boolean;
  readonly isBatchFirst: boolean;
  readonly clip: number;
}

function layerOf(node: Node, usual: readonly string[]): Layer {
  const direction = node.text<'forward' | 'reverse' | 'bidirectional'>('direction', 'forward', 'reverse', 'bidirectional');
  const directions = direction === 'bidirectional' ? (['forward', 'reverse'] as const) : ([direction] as const);
  const names = (node.texts('activations') ?? directions.flatMap(() => usual)).map((name) => name.toLowerCase());
  const [alphas, betas] = [[...(node.floats('activation_alpha') ?? [])], [...(node.floats('activation_beta') ?? [])]];
  const all = names.map((name) => {
    const make = ACTIVATIONS[name];
    if (make === undefined) throw node.refusal(`there is no activation ${name}`);
    const [a, b] = NUMBERS[name] ?? [0, 0];
    return make(a > 0 ? alphas.shift() : undefined, b > 0 ? betas.shift() : undefined);
  });
  if (all.length !== usual.length * directions.length) throw node.refusal(`it has ${all.length} activations, expected ${usual.length * directions.length}`);
  const clip = node.float('clip', 0);
  node.ignore('output_sequence');
  node.weight(1, 2, 3);
  return {
    hidden: node.int('hidden_size', 0),
    directions,
    activations: directions.map((_, i) => all.slice(i * usual.length, (i + 1) * usual.length)),
    isUsual: clip === 0 && names.every((name, i) => name === usual[i % usual.length]!.toLowerCase()),
    isBatchFirst: node.int('layout', 0) === 1,
    clip,
  };
}

/** The gates of weights, `[gates · H, …]`, in another order. */
function reordered(weights: Tensor, order: readonly number[]): Tensor {
  const size = weights.shape[0]! / order.length;
  return A.cat(order.map((gate) => A.narrow(weights, 0, gate * size, size)), 0);
}

/** Weights of a direction: of the input, of the state, and both biases. */
interface Weights {
  readonly w: Tensor;
  readonly r: Tensor;
  readonly wBias: Tensor | null;
  readonly rBias: Tensor | null;
}

function weightsOf(w: Tensor, r: Tensor, b: Tensor | null, direction: number): Weights {
  const bias = b === null ? null : A.select(b, 0, direction);
  const half = bias === null ? 0 : bias.shape[0]! / 2;
  return {
    w: A.select(w, 0, direction),
    r: A.select(r, 0, direction),
    wBias: bias === null ? null : A.narrow(bias, 0, 0, half),
    rBias: bias === null ? null : A.narrow(bias, 0, half, half),
  };
}

/** The parameters of the layer that is there. */
function parametersOf(layer: Layer, [, w, r, b]: readonly (Tensor | null)[], order: readonly number[]): Tensor[] {
  return layer.directions.flatMap((_, i) => {
    const weights = weightsOf(w!, r!, b ?? null, i);
    return [weights.w, weights.r, weights.wBias, weights.rBias].filter((t) => t !== null).map((t) => reordered(t, order));
  });
}

/** `[T, N, D · H]` as `[T, D, N, H]`. */
function perDirection(output: Tensor, count: number): Tensor {
  const [steps, batch, width] = output.shape as [number, number, number];
  return A.permute(A.reshape(output, [steps, batch, count, width / count]), [0, 2, 1, 3]);
}

/** The step of a cell: the next states, of which the first is the output. */
type Cell = (x: Tensor, states: readonly Tensor[]) => readonly Tensor[];

/** Runs cells over a sequence `[T, N, I]`, one direction after the other. */
function unrolled(layer: Layer, x: Tensor, lengths: Tensor | null, starts: readonly Tensor[], cellOf: (direction: number) => Cell): Tensor[] {
  const steps = x.shape[0]!;
  const found = layer.directions.map((direction, d) => {
    const cell = cellOf(d);
    let states: readonly Tensor[] = starts.map((t) => A.select(t, 0, d));
    const outputs: Tensor[] = [];
    for (let i = 0; i < steps; i++) {
      const at = direction === 'forward' ? i : steps - 1 - i;
      const next = cell(A.select(x, 0, at), states);
      if (lengths === null) {
        states = next;
        outputs[at] = next[0]!;
        continue;
      }
      // Behind its end a sequence has the state it had, and outputs of 0.
      const isWithin = A.unsqueeze(A.gt(lengths, at), 1);
      states = next.map((t, j) => A.where(isWithin, t, states[j]!));
      outputs[at] = A.where(isWithin, next[0]!, A.zerosLike(next[0]!));
    }
    return [A.stack(outputs), ...states];
  });
  return found[0]!.map((_, i) => A.stack(found.map((list) => list[i]!), i === 0 ? 1 : 0));
}

const linear = (x: Tensor, weight: Tensor, bias: Tensor | null): Tensor => F.linear(x, weight, bias);

const bounded = (x: Tensor, { clip }: Layer): Tensor => (clip > 0 ? A.clamp(x, -clip, clip) : x);

/** The states to begin with: those given, or zeros. */
function startsOf(layer: Layer, x: Tensor, r: Tensor, given: readonly (Tensor | null | undefined)[]): Tensor[] {
  const hidden = r.shape[2]!;
  return given.map((t) => t ?? A.zeros([layer.directions.length, x.shape[1]!, hidden], { dtype: x.dtype }));
}

/** A layer whose inputs have the steps first, also where the file has the batch first. */
function stepsFirst(layer: Layer, statesAt: readonly number[], compute: Compute): Compute {
  if (!layer.isBatchFirst) return compute;
  return (inputs, run) => {
    const turned = inputs.map((t, i) => (t !== null && (i === 0 || statesAt.includes(i)) ? A.transpose(t, 0, 1) : t));
    const [y, ...states] = compute(turned, run) as readonly Tensor[];
    return [A.permute(y!, [2, 0, 1, 3]), ...states.map((t) => A.transpose(t, 0, 1))];
  };
}

/** The parts of gates along the last dim. */
const gates = (x: Tensor, count: number): Tensor[] => A.chunk(x, count, x.ndim - 1);

const isWhole = (layer: Layer, lengths: Tensor | null | undefined): boolean => layer.isUsual && lengths == null && layer.directions[0] === 'forward';

const lstmRow: Row = (node) => {
  const layer = layerOf(node, ['Sigmoid', 'Tanh', 'Tanh']);
  const isCoupled = node.flag('input_forget', false);
  node.weight(7);
  return stepsFirst(layer, [5, 6], (inputs) => {
    const [x, w, r, b, lengths, h, c, peepholes] = inputs;
    const starts = startsOf(layer, x!, r!, [h, c]);
    if (isWhole(layer, lengths) && peepholes == null && !isCoupled) {
      // Gates are i, o, f, c there and i, f, c, o here.
      const { output, hN, cN } = lstm(x!, starts as [Tensor, Tensor], parametersOf(layer, inputs, [0, 2, 3, 1]), b != null, 1, 0, false, layer.directions.length === 2, false);
      return [perDirection(output, layer.directions.length), hN, cN];
    }
    return unrolled(layer, x!, lengths ?? null, starts, (d) => {
      const weights = weightsOf(w!, r!, b ?? null, d);
      const [f, g, last] = layer.activations[d]! as [Activation, Activation, Activation];
      const [pi, po, pf] = peepholes == null ? [] : gates(A.select(peepholes, 0, d), 3);
      const seen = (gate: Tensor, state: Tensor, by: Tensor | undefined): Tensor => bounded(by === undefined ? gate : A.add(gate, A.mul(by, state)), layer);
      return (step, [before, cell]) => {
        const [i, o, forget, candidate] = gates(A.add(linear(step, weights.w, weights.wBias), linear(before!, weights.r, weights.rBias)), 4) as [Tensor, Tensor, Tensor, Tensor];
        const input = f(seen(i, cell!, pi));
        const kept = isCoupled ? A.rsub(input, 1) : f(seen(forget, cell!, pf));
        const next = A.add(A.mul(kept, cell!), A.mul(input, g(bounded(candidate, layer))));
        return [A.mul(f(seen(o, next, po)), last(next)), next];
      };
    });
  });
};

const gruRow: Row = (node) => {
  const layer = layerOf(node, ['Sigmoid', 'Tanh']);
  const resetsAfter = node.flag('linear_before_reset', false);
  return stepsFirst(layer, [5], (inputs) => {
    const [x, w, r, b, lengths, h] = inputs;
    const starts = startsOf(layer, x!, r!, [h]);
    if (isWhole(layer, lengths) && resetsAfter) {
      // Gates are z, r, h there and r, z, n here.
      const { output, hN } = A.gru(x!, starts[0]!, parametersOf(layer, inputs, [1, 0, 2]), b != null, 1, 0, false, layer.directions.length === 2, false);
      return [perDirection(output, layer.directions.length), hN];
    }
    return unrolled(layer, x!, lengths ?? null, starts, (d) => {
      const weights = weightsOf(w!, r!, b ?? null, d);
      const [f, g] = layer.activations[d]! as [Activation, Activation];
      const hidden = weights.r.shape[1]!;
      const [ofGates, ofCandidate] = [A.narrow(weights.r, 0, 0, 2 * hidden), A.narrow(weights.r, 0, 2 * hidden, hidden)];
      const bias = (from: number, count: number): Tensor | null => (weights.rBias === null ? null : A.narrow(weights.rBias, 0, from, count));
      const [gateBias, candidateBias] = [bias(0, 2 * hidden), bias(2 * hidden, hidden)];
      return (step, [before]) => {
        const given = linear(step, weights.w, weights.wBias);
        const [update, reset] = gates(f(bounded(A.add(A.narrow(given, 1, 0, 2 * hidden), linear(before!, ofGates, gateBias)), layer)), 2) as [Tensor, Tensor];
        const state = resetsAfter ? A.mul(reset, linear(before!, ofCandidate, candidateBias)) : linear(A.mul(reset, before!), ofCandidate, candidateBias);
        const candidate = g(bounded(A.add(A.narrow(given, 1, 2 * hidden, hidden), state), layer));
        return [A.add(A.mul(A.rsub(update, 1), candidate), A.mul(update, before!))];
      };
    });
  });
};

const rnnRow: Row = (node) => {
  const layer = layerOf(node, ['Tanh']);
  return stepsFirst(layer, [5], (inputs) => {
    const [x, w, r, b, lengths, h] = inputs;
    const starts = startsOf(layer, x!, r!, [h]);
    return unrolled(layer, x!, lengths ?? null, starts, (d) => {
      const weights = weightsOf(w!, r!, b ?? null, d);
      const [f] = layer.activations[d]! as [Activation];
      return (step, [before]) => [f(bounded(A.add(linear(step, weights.w, weights.wBias), linear(before!, weights.r, weights.rBias)), layer))];
    });
  });
};

export const recurrent = (): Rows => ({ LSTM: lstmRow, GRU: gruRow, RNN: rnnRow });
