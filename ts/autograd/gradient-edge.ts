// Places in the graph that stand for tensors: PyTorch's torch.autograd.graph.GradientEdge.
import { brand } from '../core/copies';
import { disposedError } from '../runtime/disposed';
import { GradFn, gradFnFor } from './grad-fn';
import { scratch } from '../runtime/scratch';
import { Tensor, wrap } from '../tensor/tensor';
import { UsageError } from '../core/errors';
import { anything, instanceOf, integerFrom } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { describe } from '../core/describe';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';

interface EdgeArguments {
  node: GradFn;
  outputNr: number;
}

const EDGE = /* @__PURE__ */ parameters<EdgeArguments>('GradientEdge', () => ({ node: instanceOf('a node', () => GradFn), outputNr: integerFrom(0) }));

/** Output `outputNr` of a node: what the gradient of a tensor is sent to. It keeps the graph alive, not the values. */
export class GradientEdge {
  static {
    brand(this.prototype);
  }

  /** @internal */
  static readonly _parameters = EDGE;

  /** The node. */
  readonly node: GradFn;
  /** Which of its outputs. */
  readonly outputNr: number;

  constructor(...args: Arguments<EdgeArguments, ['node', 'outputNr']>) {
    const { node, outputNr } = EDGE.read(args);
    this.node = node;
    this.outputNr = outputNr;
  }
}

/**
 * Where the gradient of `t` is sent. It stands for the tensor in `grad()` and `backward()`, so that the tensor itself need
 * not be kept.
 *
 * @throws AutogradError for a tensor that does not require grad.
 */
export const getGradientEdge: Stated & ((...args: Arguments<{ tensor: Tensor }, ['tensor']>) => GradientEdge) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ tensor: Tensor }>('getGradientEdge', () => ({ tensor: anything })),
  ({ tensor }) => edgeOf(tensor),
);

function edgeOf(t: unknown): GradientEdge {
  if (!(t instanceof Tensor)) throw new UsageError(`getGradientEdge: expected a tensor, got ${describe(t)}`, 'getGradientEdge');
  if (t._handle <= 0) throw disposedError('getGradientEdge', t);
  const node = checked(wasm().gradient_edge(t._handle));
  const outputNr = scratch(0)[0]!;
  return new GradientEdge(gradFnFor(node), outputNr);
}

/** A tensor for a backward pass to start or end at in the place of an edge; it has the shape and dtype but no values. */
export function standIn(edge: GradientEdge): Tensor {
  return wrap(checked(wasm().edge_tensor(edge.node._node, edge.outputNr)));
}
