// Where the nodes and edges of a formula's graph go: dagre's layered layout, with room for the numbers beside edges.
import dagre from '@dagrejs/dagre';
import type { Trace } from '../../workers/stepper/trace-data';

const CHARACTER = 7.2;
const LINE = 15;

export interface Node {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
  /** The step that computes it; null for what is given, the number of steps for the result. */
  readonly step: number | null;
  readonly isFrozen: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly key: string;
  /** The value that flows along it. */
  readonly value: number;
  /** The step that reads it; the number of steps for the result. */
  readonly step: number;
  readonly gradient: string | null;
  readonly path: string;
  readonly x: number;
  readonly y: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

type Unplaced<T> = Omit<T, 'x' | 'y' | 'path'>;

/** What there is to draw of a trace, not yet placed: the node of each value, and the edges. */
function parts({ values, inputs, constants, steps, result }: Trace): { nodes: Unplaced<Node>[]; edges: (Unplaced<Edge> & { from: string; to: string; width: number })[] } {
  const nodes: Unplaced<Node>[] = [];
  const makers = new Map<number, string>();
  const add = (key: string, label: string, detail: string, step: number | null, isFrozen: boolean): void => {
    nodes.push({ key, label, detail, step, isFrozen, width: CHARACTER * Math.max(label.length, detail.length) + 20, height: 40 });
  };
  for (const value of [...inputs, ...constants]) {
    const { name, type, requiresGrad } = values[value]!;
    makers.set(value, `v${value}`);
    add(`v${value}`, constants.includes(value) ? `constant ${name}` : name, type, null, !requiresGrad);
  }
  const edges: ReturnType<typeof parts>['edges'] = [];
  const connect = (value: number, step: number, place: number, to: string, gradient: string | null): void => {
    const { text, tangent } = values[value]!;
    const width = CHARACTER * (2 + Math.max(text.length, gradient?.length ?? 0, tangent?.length ?? 0));
    edges.push({ key: `${step},${place}`, value, step, gradient, from: makers.get(value)!, to, width });
  };
  steps.forEach(({ label, reads, makes, isDetached }, step) => {
    const made = values[makes[0]!]!;
    add(`s${step}`, isDetached ? `${label}, detached` : label, made.type, step, !made.requiresGrad);
    reads.forEach(({ value, gradient }, place) => { connect(value, step, place, `s${step}`, gradient); });
    for (const value of makes) makers.set(value, `s${step}`);
  });
  add('result', 'result', values[result]!.type, steps.length, !values[result]!.requiresGrad);
  connect(result, steps.length, 0, 'result', values[result]!.gradient);
  return { nodes, edges };
}

/** A smooth line through points. */
function through(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points.map(({ x, y }) => [x, y] as const);
  let path = `M${first![0].toFixed(1)} ${first![1].toFixed(1)}`;
  rest.forEach(([x, y], i) => {
    const next = rest[i + 1];
    path += next === undefined ? `L${x.toFixed(1)} ${y.toFixed(1)}` : `Q${x.toFixed(1)} ${y.toFixed(1)} ${((x + next[0]) / 2).toFixed(1)} ${((y + next[1]) / 2).toFixed(1)}`;
  });
  return path;
}

export function arrange(trace: Trace): Picture {
  const { nodes, edges } = parts(trace);
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', ranksep: 24, nodesep: 24, edgesep: 12, marginx: 8, marginy: 8 });
  for (const { key, width, height } of nodes) graph.setNode(key, { width, height });
  for (const { key, from, to, width } of edges) graph.setEdge(from, to, { width, height: 2 * LINE + 4, labelpos: 'c' }, key);
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: nodes.map((node) => ({ ...node, ...(({ x, y }) => ({ x, y }))(graph.node(node.key)) })),
    edges: edges.map(({ from, to, width: _, ...edge }) => {
      const { points, x, y } = graph.edge(from, to, edge.key) as { points: { x: number; y: number }[]; x: number; y: number };
      return { ...edge, path: through(points), x, y };
    }),
  };
}
