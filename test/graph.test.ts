// Graphs behind tensors, as data, DOT and SVG.
import { AutogradError, graph, tensor, type GraphTensor, type TapeNode, type Tensor } from 'adjoint';
import { expect, test } from 'vitest';

/** The neuron of the lecture: o = tanh(x1 w1 + x2 w2 + b). */
function neuron(): { out: Tensor; names: Record<string, Tensor> } {
  const scalar = (v: number): Tensor => tensor(v, { dtype: 'float64', requiresGrad: true });
  const names: Record<string, Tensor> = { x1: scalar(2), x2: scalar(0), w1: scalar(-3), w2: scalar(1), b: scalar(6.8813735870195432) };
  const { x1, x2, w1, w2, b } = names as { x1: Tensor; x2: Tensor; w1: Tensor; w2: Tensor; b: Tensor };
  const n = x1.mul(w1).add(x2.mul(w2)).add(b);
  const out = n.tanh();
  return { out, names: { ...names, n, o: out } };
}

const only = (node: TapeNode): GraphTensor => node.outputs[0]!;

test('the neuron of the lecture has its values and gradients on every tensor', () => {
  const { out, names } = neuron();
  const g = graph(out, { values: true, names });
  const byName = new Map(g.nodes.map((node) => [only(node).name, only(node)]));
  const expected: Record<string, [number, number]> = {
    x1: [2, -1.5], x2: [0, 0.5], w1: [-3, 1], w2: [1, 0], b: [6.8813735870195432, 0.5], n: [0.8813735870195432, 0.5], o: [Math.SQRT1_2, 1],
  };
  for (const [name, [value, grad]] of Object.entries(expected)) {
    expect(byName.get(name)!.value, name).toBeCloseTo(value, 12);
    expect(byName.get(name)!.grad, name).toBeCloseTo(grad, 12);
  }
  // The products have no name and nobody keeps them: they are computed again.
  const products = g.nodes.filter((node) => node.op === 'mul').map((node) => only(node).value);
  expect(products).toEqual([-6, 0]);
  expect(names['x1']!.grad).toBe(null);
  out.backward();
  expect(names['x1']!.grad!.item()).toBeCloseTo(-1.5, 12);
});

test('nodes have names, arguments, edges, shapes, dtypes and saved bytes, those of inputs first', () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true });
  const y = x.exp().sum({ dim: 1, keepdim: true });
  const { nodes, data } = graph(y);
  expect(nodes.map((node) => [node.name, node.op, node.isLeaf])).toEqual([
    ['torch::autograd::AccumulateGrad', null, true],
    ['ExpBackward0', 'exp', false],
    ['SumBackward1', 'sum', false],
  ]);
  expect(nodes.map((node) => node.inputs)).toEqual([[], [[0, 0]], [[1, 0]]]);
  expect(nodes.map((node) => only(node).shape)).toEqual([[2, 3], [2, 3], [2, 1]]);
  expect(nodes.map((node) => node.savedBytes)).toEqual([0, 24, 0]);
  expect(nodes[2]!.attributes).toEqual({ dim: '[1]', keepdim: 'true' });
  expect(only(nodes[1]!).dtype).toBe('float32');
  expect(data.roots).toEqual([[2, 0]]);
  expect(only(nodes[1]!).value).toBe(undefined);
});

test('it is written as JSON, as DOT with the numbers on the edges, and as SVG', () => {
  const { out, names } = neuron();
  const g = graph(out, { values: true, names });
  expect(JSON.parse(JSON.stringify(g))).toEqual(g.toJSON());
  const dot = g.toDOT();
  expect(dot).toMatch(/^digraph \{/);
  expect(dot).toContain('n = add');
  expect(dot).toContain('<font color="#1a7f37">0.8814</font><br/><font color="#cf222e">0.5</font>');
  const svg = g.toSVG({ title: 'a <neuron>' });
  expect(svg).toContain('a &lt;neuron&gt;');
  expect(svg).toMatch(/class="value small"[^>]*>0\.7071</);
  expect(svg).toMatch(/class="gradient small"[^>]*>-1\.5</);
  expect((svg.match(/<rect class="(leaf|op|result|input)"/g) ?? []).length).toBe(g.nodes.length + 1);
});

test('shared parts appear once, several roots are one graph, and NaN and infinities are text', () => {
  const x = tensor([0, 1], { requiresGrad: true });
  const a = x.log();
  const { nodes } = graph([a.mul(a).sum(), a.sum()], { values: true });
  expect(nodes.filter((node) => node.op === 'log')).toHaveLength(1);
  expect(only(nodes.find((node) => node.op === 'log')!).value).toEqual(['-Infinity', 0]);
  expect(only(nodes[0]!).grad).toEqual(['-Infinity', 1]);
  expect(() => graph(tensor([1]))).toThrow(AutogradError);
});

test('large values are left out, and a graph of 100,000 operations is no problem', () => {
  let y = tensor([1], { requiresGrad: true });
  for (let i = 0; i < 100_000; i++) {
    const next = y.neg();
    if (i > 0) y.dispose();
    y = next;
  }
  const { nodes } = graph(y);
  expect(nodes).toHaveLength(100_001);
  const x = tensor([1, 2, 3], { requiresGrad: true });
  expect(only(graph(x.sin(), { values: true, maxElements: 2 }).nodes[1]!).value).toBe(undefined);
});
