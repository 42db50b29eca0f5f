// The nodes and edges of a captured function, ready for drawing or printing.
import { CapturedFunction } from '../graph/capture';
import { instanceOf, kind, list, text } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated, type Values } from '../core/options';
import { isOptions } from '../core/plain-object';
import { Tensor } from '../tensor/tensor';
import { wasm } from '../runtime/wasm';
import { escapeXml } from './svg';

/** What a node stands for: an argument, a tensor that was there before, an operation, or an operation whose value is returned. */
export type NodeKind = 'input' | 'leaf' | 'op' | 'result';

/** A node of the picture. */
export interface GraphNode {
  readonly kind: NodeKind;
  /** The op, or the name of the tensor. */
  readonly label: string;
  /** dtype and shape of its value. */
  readonly detail: string;
}

/** Numbers beside an edge: what flows along it, and what flows back. */
export interface EdgeLabel {
  readonly value?: string | undefined;
  readonly grad?: string | undefined;
}

/** A graph as plain data: edges go from the node that makes a value to the one that reads it. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly (readonly [from: number, to: number])[];
  /** One an edge, where there is something to say. */
  readonly labels?: readonly (EdgeLabel | null)[];
}

/** Names for inputs, by position, and for tensors the function used, such as `Object.fromEntries(model.namedParameters())`. */
export interface GraphNames {
  readonly inputs?: readonly string[];
  readonly tensors?: Readonly<Record<string, Tensor>>;
}

/** The graph of a captured function. Numbers beside tensors are written into the op's label. */
export const graphOf: Stated & ((...args: Arguments<GraphArguments, ['fn']>) => Graph) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GraphArguments>('graphOf', graphKinds, 2),
  nodesOf,
);

/** What is drawn. */
export interface GraphArguments extends GraphNames {
  readonly fn: CapturedFunction;
}

/** The kinds of these. */
export function graphKinds(): Kinds<GraphArguments> {
  return {
    fn: instanceOf('a captured function', () => CapturedFunction),
    inputs: list('strings', text).or([]),
    tensors: tensorsByName.or({}),
  };
}

const tensorsByName = /* @__PURE__ */ kind<Readonly<Record<string, Tensor>>>(
  'an object of tensors',
  (value) => isOptions(value) && Object.values(value).every((t) => t instanceof Tensor),
);

/** Reads the record of a captured function. */
export function nodesOf({ fn, inputs: inputNames, tensors }: Values<GraphArguments>): Graph {
  const { values, inputs, outputs, constants, records } = fn.record;
  const nodes: { kind: NodeKind; label: string; detail: string }[] = [];
  const edges: [number, number][] = [];
  const makerOf = new Map<number, number>();
  const numbers = new Map(constants.flatMap(({ value, number }) => (number === undefined ? [] : [[value, number]])));
  const detail = (value: number): string => `${values[value]!.dtype} [${values[value]!.shape.join(', ')}]`;
  const add = (kind: NodeKind, label: string, value: number): void => {
    makerOf.set(value, nodes.push({ kind, label, detail: detail(value) }) - 1);
  };
  inputs.forEach((value, i) => {
    add('input', inputNames[i] ?? `input ${i}`, value);
  });
  const named = Object.entries(tensors);
  for (const { value } of constants) {
    if (!numbers.has(value)) add('leaf', nameOf(fn, value, named) ?? 'constant', value);
  }
  for (const { op, inputs: given, outputs: made, inPlace } of records) {
    const written = given.flatMap((v) => (v !== null && numbers.has(v) ? [numbers.get(v)!] : []));
    // An update, such as an optimizer's step, makes nothing: it is drawn with the first tensor that it is given.
    const value = (inPlace ? given[0] : made[0]) ?? null;
    const shown = value ?? given.find((v) => v !== null && !numbers.has(v)) ?? null;
    const from = given.flatMap((v) => (v !== null && makerOf.has(v) ? [makerOf.get(v)!] : []));
    const label = [inPlace ? `${op}_` : op, ...written].join(' ');
    const node = nodes.push({ kind: 'op', label, detail: shown === null ? '' : detail(shown) }) - 1;
    if (value !== null) makerOf.set(value, node);
    for (const other of made) makerOf.set(other, node);
    for (const source of new Set(from)) edges.push([source, node]);
  }
  for (const value of outputs) {
    const node = nodes[makerOf.get(value) ?? -1];
    if (node?.kind === 'op') node.kind = 'result';
  }
  return { nodes, edges };
}

function nameOf(fn: CapturedFunction, value: number, named: readonly [string, Tensor][]): string | undefined {
  const held = fn.constant(value);
  const found = named.find(([, t]) => wasm().same_tensor(t._handle, held._handle) !== 0);
  held.dispose();
  return found?.[0];
}

/** The graph of a captured function in the language of Graphviz. */
export const graphDot: Stated & ((...args: Arguments<GraphArguments, ['fn']>) => string) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GraphArguments>('graphDot', graphKinds, 2),
  (values) => dotOf(nodesOf(values)),
);

/** A graph in the language of Graphviz; values beside edges are green, gradients red. */
export function dotOf({ nodes, edges, labels }: Graph): string {
  const shape: Readonly<Record<NodeKind, string>> = { input: 'ellipse', leaf: 'ellipse', op: 'box', result: 'box' };
  const lines = nodes.map(({ kind, label, detail }, i) => {
    const text = JSON.stringify(`${label}\n${detail}`);
    return `  n${i} [label=${text}, shape=${shape[kind]}, style="${kind === 'result' ? 'bold' : 'solid'}"];`;
  });
  const arrows = edges.map(([from, to], i) => {
    const { value, grad } = labels?.[i] ?? {};
    const line = (text: string | undefined, colour: string): string =>
      text === undefined ? '' : `<font color="${colour}">${escapeXml(text)}</font>`;
    const parts = [line(value, '#1a7f37'), line(grad, '#cf222e')].filter((part) => part !== '');
    return `  n${from} -> n${to}${parts.length === 0 ? '' : ` [label=<${parts.join('<br/>')}>]`};`;
  });
  return `digraph {\n${lines.join('\n')}\n${arrows.join('\n')}\n}\n`;
}
