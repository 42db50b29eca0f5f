// Layered layout of a graph, after Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
// structures" (1981): rows by longest path, order within a row by the mean place of neighbours, swept a few times.
import type { Graph } from './draw-graph';

/** The row of each node, and its place in the row. */
export interface Layout {
  readonly rows: readonly (readonly number[])[];
}

const SWEEPS = 8;

/** Rows from the top; every edge goes down. Sources stand just above their first reader. */
export function layered({ nodes, edges }: Graph): Layout {
  const into: number[][] = nodes.map(() => []);
  const outOf: number[][] = nodes.map(() => []);
  for (const [from, to] of edges) {
    into[to]!.push(from);
    outOf[from]!.push(to);
  }
  // Nodes are in the order they were made, so those a node reads come before it.
  const row = nodes.map(() => 0);
  nodes.forEach((_, i) => {
    for (const from of into[i]!) row[i] = Math.max(row[i]!, row[from]! + 1);
  });
  nodes.forEach((_, i) => {
    if (into[i]!.length === 0 && outOf[i]!.length > 0) row[i] = outOf[i]!.reduce((least, to) => Math.min(least, row[to]!), Infinity) - 1;
  });
  const rows: number[][] = Array.from({ length: row.reduce((most, r) => Math.max(most, r), 0) + 1 }, () => []);
  row.forEach((r, i) => rows[r]!.push(i));

  const place = nodes.map(() => 0);
  const settle = (list: number[]): void => {
    list.forEach((node, i) => (place[node] = i - (list.length - 1) / 2));
  };
  rows.forEach(settle);
  const mean = (node: number, neighbours: readonly number[]): number =>
    neighbours.length === 0 ? place[node]! : neighbours.reduce((sum, n) => sum + place[n]!, 0) / neighbours.length;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const neighbours = sweep % 2 === 0 ? into : outOf;
    for (const list of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const key = new Map(list.map((node) => [node, mean(node, neighbours[node]!)]));
      list.sort((a, b) => key.get(a)! - key.get(b)!);
      settle(list);
    }
  }
  return { rows };
}
