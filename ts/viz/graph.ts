// The graph behind tensors, as data and as a picture.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import type { DType } from '../core/dtype';
import { UsageError } from '../core/errors';
import { drawGraph } from './graph-svg';
import { dotOf, type EdgeLabel, type Graph, type GraphNode } from './draw-graph';
import { boolean, integerFrom, record, text, type Kind } from '../core/kinds';
import { named, parameters, withoutArguments, type Arguments, type Stated, type Values } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { scratch } from '../runtime/scratch';
import { Tensor } from '../tensor/tensor';
import { tensors } from '../tensor/tensor-kinds';
import type { Nested } from '../core/types';
import { GRAPH_GRADIENTS, GRAPH_VALUES } from '../generated/abi';
import { graphJson } from '../runtime/texts';
import { nested, short } from './numbers';

/** What is shown of a graph. */
export interface GraphOptions {
  /** Whether the values that flowed through it and the gradients that flow back are part of it. */
  values?: boolean;
  /** Names of tensors. Naming one also makes its value known. */
  names?: Readonly<Record<string, Tensor>>;
  /** Values with more elements are left out. */
  maxElements?: number;
}

/** A tensor of the graph: an output of a node. */
export interface GraphTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The name it was given. */
  readonly name?: string;
  /** Its value, where it was asked for and is known. */
  readonly value?: Nested<number | string>;
  /** The gradient of the sum of all roots with respect to it, where it was asked for. */
  readonly grad?: Nested<number | string>;
}

/** A node: a recorded operation, or a leaf that requires grad. */
export interface TapeNode {
  /** PyTorch's name, such as `MulBackward0`. */
  readonly name: string;
  /** The public name of the op; null for leaves, custom functions and writes through views. */
  readonly op: string | null;
  /** Its arguments other than tensors, where they are not the default. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Where its inputs come from; null for those without gradient. */
  readonly inputs: readonly (readonly [node: number, output: number] | null)[];
  readonly outputs: readonly GraphTensor[];
  /** Bytes of what it keeps for backward; a storage kept by several nodes is counted for each. */
  readonly savedBytes: number;
  readonly isLeaf: boolean;
}

/** A graph as plain data. Nodes come after those they depend on. */
export interface GraphData {
  readonly nodes: readonly TapeNode[];
  /** The outputs that the tensors asked about are. */
  readonly roots: readonly (readonly [node: number, output: number])[];
}

const SVG = /* @__PURE__ */ parameters<{ title?: string | null }>('toSVG', () => ({ title: text.orNull() }), 1);

/** The graph behind tensors. */
export class TensorGraph {
  /** The graph as plain data. */
  readonly data: GraphData;

  /** @internal */
  constructor(key: typeof OURS, data: GraphData) {
    checkOurs(key, 'TensorGraph', 'call graph()');
    this.data = data;
  }

  /** Nodes after those they depend on. */
  get nodes(): readonly TapeNode[] {
    return this.data.nodes;
  }

  /** The graph as plain data, for `JSON.stringify`. Numbers that JSON lacks are written as text. */
  toJSON(): GraphData {
    return this.data;
  }

  /** The graph in the language of Graphviz. */
  toDOT(): string {
    return dotOf(this.picture());
  }

  /** The graph as an SVG picture: forward from top to bottom, beside each edge its value and below that its gradient. */
  toSVG(...args: Arguments<{ title?: string | null }, []>): string {
    const { title } = SVG.read(args);
    return drawGraph(this.picture(), title ?? undefined);
  }

  private picture(): Graph {
    const { nodes, roots } = this.data;
    const drawn: GraphNode[] = nodes.map((node, i) => {
      const out = node.outputs[0]!;
      const isRoot = roots.some(([root]) => root === i);
      const attributes = Object.entries(node.attributes).map(([key, value]) => ` ${key}=${value}`);
      const called = node.isLeaf ? (out.name ?? 'leaf') : `${node.op ?? node.name}${attributes.join('')}`;
      const label = !node.isLeaf && out.name !== undefined ? `${out.name} = ${called}` : called;
      const saved = node.savedBytes === 0 ? '' : `, keeps ${node.savedBytes} B`;
      return { kind: node.isLeaf ? 'leaf' : isRoot ? 'result' : 'op', label, detail: `${out.dtype} [${out.shape.join(', ')}]${saved}` };
    });
    const edges: [number, number][] = [];
    const labels: (EdgeLabel | null)[] = [];
    const connect = (from: readonly [number, number], to: number): void => {
      const { value, grad } = nodes[from[0]]!.outputs[from[1]]!;
      edges.push([from[0], to]);
      const text = (part: Nested<number | string> | undefined): string | undefined => (part === undefined ? undefined : short(part));
      labels.push(value === undefined && grad === undefined ? null : { value: text(value), grad: text(grad) });
    };
    nodes.forEach((node, i) => {
      for (const from of node.inputs) if (from !== null) connect(from, i);
    });
    // The numbers of the results need an edge too.
    for (const root of roots) {
      const { value, grad, name, dtype, shape } = nodes[root[0]]!.outputs[root[1]]!;
      if (value === undefined && grad === undefined) continue;
      connect(root, drawn.push({ kind: 'input', label: name ?? 'output', detail: `${dtype} [${shape.join(', ')}]` }) - 1);
    }
    return { nodes: drawn, edges, labels };
  }
}

withoutArguments(TensorGraph.prototype, 'toDOT');

interface RawTensor {
  dtype: DType;
  shape: number[];
  value?: (number | string)[];
  grad?: (number | string)[];
}

type Raw = Omit<GraphData, 'nodes'> & {
  nodes: (Omit<TapeNode, 'outputs'> & { outputs: RawTensor[] })[];
  known: ([number, number] | null)[];
};

function handleOf(t: unknown): number {
  if (!(t instanceof Tensor)) throw new UsageError(`graph: expected a tensor or a list of tensors, got ${describe(t)}`, 'graph');
  if (t._handle <= 0) throw disposedError('graph', t);
  return t._handle;
}

/**
 * Returns the graph of operations behind tensors that require grad, to read, print and draw: `toJSON()`, `toDOT()`, `toSVG()`.
 * Each node has its name, op and arguments, shape and dtype of its outputs and the bytes it keeps for backward.
 *
 * With `values`, each output also has its value and the gradient of the sum of `tensors` with respect to it, which takes one
 * backward pass; nothing is accumulated and the graph is kept. Values are known for leaves, for `tensors` and those in
 * `names`, for what the graph keeps, and for what can be computed from these.
 *
 * @throws AutogradError for a tensor without graph, and with `values` for a graph that was freed.
 */
export const graph: Stated & ((...args: Arguments<GraphArguments, ['tensors']>) => TensorGraph) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GraphArguments>(
    'graph',
    () => ({
      tensors,
      values: boolean.or(false),
      names: (record as Kind<Readonly<Record<string, Tensor>>>).or({}),
      maxElements: integerFrom(0).or(64),
    }),
    3,
  ),
  graphOf,
);

interface GraphArguments extends GraphOptions {
  /** The tensors whose graph it is. */
  tensors: Tensor | Iterable<Tensor>;
}

function graphOf({ tensors, values, names, maxElements }: Values<GraphArguments>): TensorGraph {
  if (values) refuseInCapture('graph', 'read');
  const roots = (tensors instanceof Tensor ? [tensors] : Array.from(tensors)).map(handleOf);
  if (roots.length === 0) throw new UsageError('graph: expected at least one tensor', 'graph');
  const known = Object.values(names).map(handleOf);
  const words = [values ? GRAPH_VALUES | GRAPH_GRADIENTS : 0, maxElements, roots.length, ...roots, known.length, ...known];
  scratch(words.length).set(words);
  const raw = JSON.parse(graphJson(words.length)) as Raw;
  const nameAt = new Map(Object.keys(names).map((name, i) => [raw.known[i]?.join() ?? '', name]));
  const nodes = raw.nodes.map((node, i) => ({
    ...node,
    outputs: node.outputs.map(({ dtype, shape, value, grad }, o): GraphTensor => {
      const name = nameAt.get(`${i},${o}`);
      return {
        dtype,
        shape,
        ...(name === undefined ? {} : { name }),
        ...(value === undefined ? {} : { value: nested(value, shape) }),
        ...(grad === undefined ? {} : { grad: nested(grad, shape) }),
      };
    }),
  }));
  return new TensorGraph(OURS, { nodes, roots: raw.roots });
}
