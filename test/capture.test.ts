import { describe, expect, it } from 'vitest';
import { type Tensor, capture, memoryStats, nn, ones, optim, rand, scope, tensor, viz } from 'adjoint';

describe('capture', () => {
  it('prints a function as a record of its operations', () => {
    const f = capture((x, w) => x.dot(w).sub(1.5).pow(2), tensor([1, 2]), tensor([3, 4]));
    expect(String(f)).toBe(
      [
        'graph(%0: float32[2], %1: float32[2]):',
        '  %2: float32[] = dot(%0, %1)',
        '  %4: float32[] = sub(%2, 1.5)',
        '  %6: float32[] = pow(%4, 2)',
        '  return %6',
      ].join('\n'),
    );
    f.dispose();
  });

  it('runs again on other inputs, of other shapes too, with gradients', () => {
    const f = capture((x) => x.mul(x).sum(), tensor([1, 2]));
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = f.run(x);
    y.backward();
    expect(y.item()).toBe(14);
    expect(x.grad!.tolist()).toEqual([2, 4, 6]);
  });

  it('holds parameters, which keep getting gradients', () => {
    const net = new nn.Linear(2, 1);
    const f = capture((x) => net.call(x), rand(3, 2));
    f.run(tensor([[1, 2]])).sum().backward();
    expect(net.weight.grad!.tolist()).toEqual([[1, 2]]);
    expect(f.record.constants).toHaveLength(2);
  });

  it('replays in-place operations and several outputs', () => {
    const f = capture((x) => {
      const y = x.add(1);
      y.mul_(10);
      return [y, y.neg()];
    }, tensor([1]));
    expect(f.runAll(tensor([2])).map((t) => t.tolist())).toEqual([[30], [-30]]);
    expect(() => f.run(tensor([2]))).toThrow(/has 2 outputs; call runAll/);
  });

  it('releases what the captured function made', () => {
    const x = tensor([1, 2]);
    const before = memoryStats();
    const f = capture((v) => v.mul(v).exp().sum(), x);
    f.dispose();
    const { tensors, bytes } = memoryStats();
    expect([tensors, bytes]).toEqual([before.tensors, before.bytes]);
  });

  it('refuses what it could not run again: other data, other values than tensors, wrong counts of inputs', () => {
    const x = tensor([1]);
    expect(() => capture((v) => v.data, x)).toThrow(/data: cannot be captured/);
    expect(() => capture(() => 3 as never, x)).toThrow();
    expect(() => capture((v) => v.neg(), x).run()).toThrow(/takes 1 inputs, got 0/);
    expect(x.detach().tolist()).toEqual([1]);
  });

  it('replays detach() as values without history, which share memory', () => {
    const f = capture((v, w) => {
      const y = v.mul(w);
      y.detach().add_(1);
      return y.detach().mul(w);
    }, tensor([1, 2]), tensor([3, 4], { requiresGrad: true }));
    const w = tensor([5, 6], { requiresGrad: true });
    const out = f.run(tensor([1, 1]), w);
    expect(out.tolist()).toEqual([30, 42]);
    out.sum().backward();
    expect(w.grad!.tolist()).toEqual([6, 7]);
  });

  it('cannot be run after dispose', () => {
    const x = tensor([1]);
    const f = capture((v) => v.neg(), x);
    f.dispose();
    f.dispose();
    expect(() => f.run(x)).toThrow(/was disposed/);
  });
});

describe('pictures', () => {
  const f = (): ReturnType<typeof capture> => {
    const w: Tensor = new nn.Parameter(tensor([[1, 2]]));
    return capture((x) => x.matmul(w.T).add(1).relu().sum(), rand(4, 2));
  };

  it('a graph has a node for every input, tensor and operation, and an edge for every value read', () => {
    const graph = viz.graphOf(f(), { inputs: ['x'] });
    expect(graph.nodes.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
      'input x',
      'leaf constant',
      'op permute',
      'op matmul',
      'op add 1',
      'op relu',
      'result sum',
    ]);
    expect(graph.edges).toEqual([[1, 2], [0, 3], [2, 3], [3, 4], [4, 5], [5, 6]]);
  });

  it('tensors are named where names are given', () => {
    const net = new nn.Linear(2, 1);
    const captured = capture((x) => net.call(x), rand(1, 2));
    const { nodes } = viz.graphOf(captured, { tensors: Object.fromEntries(net.namedParameters()) });
    expect(nodes.filter(({ kind }) => kind === 'leaf').map(({ label }) => label)).toEqual(['weight', 'bias']);
  });

  it('an SVG shows op names and shapes; DOT has the same nodes', () => {
    const svg = scope(() => viz.graphSvg(f(), { title: 'a < b' }));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('>matmul</text>');
    expect(svg).toContain('float32 [4, 1]');
    expect(svg).toContain('a &lt; b');
    expect(svg.match(/<rect class="(op|leaf|input|result)"/g)).toHaveLength(7);
    expect(viz.graphDot(f()).match(/->/g)).toHaveLength(6);
  });

  it('a chart has round ticks around its curves and leaves gaps where there is no number', () => {
    const svg = viz.lineChart([{ label: 'loss', y: [2.3, 1.2, NaN, 0.4] }], { title: 'Loss', xLabel: 'step' });
    const [, path] = /class="series s0"[^>]* d="([^"]*)"/.exec(svg)!;
    expect(path!.match(/M/g)).toHaveLength(2);
    for (const tick of ['0', '0.5', '1', '2.5']) expect(svg).toContain(`>${tick}</text>`);
    expect(svg).not.toContain('NaN');
  });
});

it('draws calls that make nothing: steps of optimizers, gradients that are set, checks', () => {
  const weight = new nn.Parameter(ones([2]));
  const optimizer = new optim.Adam([weight], { lr: 0.1 });
  const step = (x: Tensor): Tensor => {
    optimizer.zeroGrad();
    const loss = weight.mul(x).sum();
    loss.backward();
    nn.utils.clipGradNorm_([weight], 1);
    optimizer.step();
    return loss.detach();
  };
  step(ones([2]));
  const drawn = viz.graphDot(capture(step, ones([2])));
  expect(drawn).toMatch(/_fusedAdam_.*float32 \[2\]/);
  expect(viz.graphSvg(capture(() => nn.utils.clipGradNorm_([tensor(1)], 2)))).toContain('hasNoGrad');
});
