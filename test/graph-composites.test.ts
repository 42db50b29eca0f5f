// The graph behind a tensor shows the ops that were called: one that is made of others is one node, of all that these keep and read.
import { describe, expect, it } from 'vitest';
import { type Tensor, graph, nn, ones, rand, tensor, zeros } from 'adjoint';

const F = nn.functional;
const leaf = (...shape: number[]): Tensor => rand(shape).add(0.1).detach().requiresGrad_();
const image = (): Tensor => leaf(1, 4, 6, 6);

/** The ops of a graph in order. */
const opsOf = (t: Tensor): (string | null)[] => graph(t).nodes.filter(({ isLeaf }) => !isLeaf).map(({ op }) => op);

const calls: Record<string, [() => Tensor, string[]]> = {
  convTranspose2d: [() => F.convTranspose2d(image(), ones([4, 2, 3, 3])), ['convTranspose2d']],
  convTranspose1d: [() => F.convTranspose1d(leaf(1, 4, 6), ones([4, 2, 3])), ['convTranspose1d']],
  conv1d: [() => F.conv1d(leaf(1, 4, 6), ones([2, 4, 3])), ['conv1d']],
  adaptiveAvgPool2d: [() => F.adaptiveAvgPool2d(image(), 2), ['adaptiveAvgPool2d']],
  groupNorm: [() => F.groupNorm(image(), 2), ['groupNorm']],
  batchNorm: [() => F.batchNorm(image(), zeros([4]), ones([4]), { training: true }), ['batchNorm']],
  glu: [() => F.glu(image()), ['glu']],
  pad: [() => F.pad(image(), [1, 1, 1, 1], 'reflect'), ['pad']],
  huberLoss: [() => F.huberLoss(leaf(3), zeros([3])), ['huberLoss']],
  crossEntropy: [() => F.crossEntropy(leaf(2, 4), tensor([1n, 2n]), { labelSmoothing: 0.1 }), ['crossEntropy']],
  matmul: [() => leaf(2, 3, 4).matmul(leaf(4, 2)), ['matmul']],
  'a chain': [() => F.groupNorm(F.adaptiveAvgPool2d(image(), 2).mul(2), 2).relu(), ['adaptiveAvgPool2d', 'mul', 'groupNorm', 'relu']],
};

describe.each(Object.entries(calls))('%s', (_, [call, ops]) => {
  it('is one node', () => {
    expect(opsOf(call())).toEqual(ops);
  });
});

describe('a node for an op that is made of others', () => {
  it('reads what the op was given, and counts what all parts keep', () => {
    const [x, w] = [leaf(1, 4, 6, 6), leaf(4)];
    const { nodes } = graph(F.groupNorm(x.mul(2), 2, w), { names: { x, w } });
    const norm = nodes.find(({ op }) => op === 'groupNorm')!;
    const read = norm.inputs.map((place) => nodes[place![0]]!);
    expect(read.map((node) => node.op ?? node.outputs[0]!.name).sort()).toEqual(['mul', 'w']);
    expect(norm.savedBytes).toBeGreaterThan(0);
    for (const { inputs } of nodes) for (const place of inputs) if (place !== null) expect(place[0]).toBeLessThan(nodes.length);
  });

  it('has its value and gradient', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const loss = F.huberLoss(x, zeros([3]), { delta: 10 });
    const { nodes } = graph(loss, { values: true, names: { loss, x } });
    const [leafNode, node] = [nodes.find(({ isLeaf }) => isLeaf)!, nodes.find(({ op }) => op === 'huberLoss')!];
    expect(node.outputs[0]!.value).toBeCloseTo(7 / 3, 5);
    expect(leafNode.outputs[0]!.grad).toEqual([1 / 3, 2 / 3, 1].map((v) => expect.closeTo(v, 5) as unknown));
  });

  it('does not hide a part that something else reads', () => {
    const x = leaf(2, 3);
    const [value, indices] = x.max(1);
    expect(opsOf(value)).toEqual(['max']);
    expect(indices.shape).toEqual([2]);
  });
});
