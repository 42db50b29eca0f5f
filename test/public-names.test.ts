// Names that a user sees are names he can call: in messages, records, pictures, profiles and counts of memory; and wrong index dtypes say what to do.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { AdjointError, DTypeError, Tensor, capture, graph, memoryStats, nn, ones, profiler, rand, scope, tensor, viz, zeros } from 'adjoint';
import { describe, expect, it, test } from 'vitest';
import { argumentsOf, callable, seeded, type ManifestOp, type Sample } from './gradcheck-samples';

type Op = ManifestOp & { readonly errors: readonly { readonly code: string; readonly call: Sample }[] };

const ops = JSON.parse(readFileSync(new URL('generated/manifest.json', import.meta.url), 'utf8')) as Op[];

const NAMESPACES: readonly unknown[] = [adjoint, adjoint.nn.functional, adjoint.linalg, adjoint.special, adjoint.fft, adjoint.masked, adjoint.signal.windows];

/** Whether a user can call something of that name. */
function isPublic(name: string): boolean {
  if (name.startsWith('_')) return false;
  const last = name.split('.').at(-1)!;
  return NAMESPACES.some((api) => typeof (api as Record<string, unknown>)[last] === 'function') || last in Tensor.prototype;
}

/** Names that are none of an op: of leaves, of what nothing recorded made, of nodes as PyTorch has them. */
const isNode = (name: string): boolean => /^(leaf|unrecorded|backward|torch::autograd::\w+|[A-Z]\w*Backward\d)$/.test(name);

function outputsOf(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(outputsOf) : [];
}

function namesOf(op: Op, sample: Sample, call: (...args: unknown[]) => unknown): string[] {
  const { tensors, place } = argumentsOf(op, sample, seeded(`${op.op} ${sample.label}`));
  const run = (...given: Tensor[]): Tensor[] => outputsOf(call(...place(given)));
  const names: string[] = [];
  const recorded = profiler.profile(() => {
    const roots = run(...tensors).filter((t) => t.requiresGrad);
    for (const node of roots.length === 0 ? [] : graph(roots).nodes) {
      if (node.op !== null) names.push(node.op);
      if (!isNode(node.name)) names.push(`node ${node.name}`);
    }
    names.push(...Object.keys(memoryStats({ byOp: true }).byOp));
    if (roots.length > 0) roots.map((t) => t.to('float64').sum()).reduce((a, b) => a.add(b)).backward();
  });
  names.push(...recorded.keyAverages().map(({ name }) => name));
  try {
    const captured = capture(run, ...tensors);
    names.push(...captured.record.records.map(({ op: name, inPlace }) => (inPlace ? `${name}_` : name)).filter((name) => name !== 'detach'));
    names.push(...Array.from(viz.graphDot(captured).matchAll(/label="(_\w+)/g), ([, label]) => label!));
  } catch (error) {
    if (!(error instanceof AdjointError) || !error.message.includes('cannot be captured')) throw error;
  }
  return [...new Set(names)].filter((name) => !isPublic(name) && !isNode(name));
}

describe('every name that samples of an op show is public', () => {
  for (const op of ops) {
    const call = callable(op, adjoint);
    if (call === null || op.name.startsWith('_')) continue;
    test(op.op, () => {
      expect(op.samples.flatMap((sample) => scope(() => namesOf(op, sample, call)))).toEqual([]);
    });
  }
});

test('messages of calls that fail name the op once, and no inner one', () => {
  const wrong: string[] = [];
  for (const op of ops) for (const { call: sample } of op.errors) scope(() => {
    const call = callable(op, adjoint);
    if (call === null || op.name.startsWith('_')) return;
    const { tensors, place } = argumentsOf(op, sample, seeded(op.op));
    let message = '';
    try {
      call(...place(tensors));
    } catch (error) {
      message = (error as Error).message;
    }
    const [first = '', second = ''] = message.split(': ');
    const isTwice = first === second || isInner(second);
    if (/(^|[\s:'"])_[a-z]\w*/.test(message) || isTwice) wrong.push(`${op.op}: ${message}`);
  });
  expect(wrong).toEqual([]);
});

/** Whether an op that only others call has this name but for its underscore. */
function isInner(name: string): boolean {
  return ops.some((op) => op.name === `_${name}`) && !isPublic(name);
}

describe('names of what is made of inner ops', () => {
  const scores = (): Tensor => rand(2, 3).requiresGrad_();
  const classes = tensor([0, 1], { dtype: 'int64' });

  it('a loss is called by its name in errors, pictures, records and profiles', () => {
    const F = nn.functional;
    expect(() => F.crossEntropy(scores(), tensor([0, 7], { dtype: 'int64' }))).toThrow(/^crossEntropy: (?!.*[rR]owsCrossEntropy)/);
    const loss = F.crossEntropy(scores(), classes);
    expect(graph(loss).nodes.map(({ op }) => op)).toContain('crossEntropy');
    expect(graph(loss).toDOT() + graph(loss).toSVG() + JSON.stringify(graph(loss))).not.toMatch(/ows_?[cC]ross/);
    const f = capture((x) => F.crossEntropy(x, classes), scores());
    expect(String(f)).toMatch(/crossEntropy\(/);
    expect(viz.graphSvg(f) + viz.graphDot(f) + String(f)).not.toMatch(/_rows|rowsCross/);
    const rows = profiler.profile(() => { F.crossEntropy(scores(), classes).backward(); }).keyAverages();
    expect(rows.find(({ name, isBackward }) => name === 'crossEntropy' && !isBackward)!.calls).toBe(1);
  });

  it('parts, indexed parts and writes are index and its kin', () => {
    const x = ones([4, 4]).requiresGrad_();
    const f = capture((t) => t.index({ start: 1, stop: 3 }).index(tensor([0], { dtype: 'int64' })).clone(), x);
    expect(new Set(f.record.records.map(({ op }) => op))).toEqual(new Set(['index', 'clone']));
    expect(() => x.index({ start: 1, stop: 3 }).index(tensor([9], { dtype: 'int64' }))).toThrow(/^index: (?!.*(slice|[pP]laces))/);
    const gone = ones([3]);
    gone.dispose();
    expect(() => gone.index({ start: 1 })).toThrow(/^(index|shape): tensor was disposed/);
  });

  it('an op with only an in-place form has its underscore', () => {
    const x = zeros([3]);
    const w = ones([3]).requiresGrad_();
    x.copy_(w);
    expect(graph(x).nodes.map(({ op }) => op)).toContain('copy_');
  });
});

describe('an index or a target of a wrong dtype', () => {
  const F = nn.functional;
  const x = (): Tensor => rand(3, 3);
  const bad = (): Tensor => tensor([0.5, 1, 2]);
  const bad2 = (): Tensor => tensor([[0.5, 1, 2]]);
  const calls: Record<string, () => unknown> = {
    gather: () => x().gather(0, bad2()),
    scatter: () => x().scatter(0, bad2(), x()),
    'scatter of a number': () => x().scatter(0, bad2(), 1),
    scatterAdd: () => x().scatterAdd(0, bad2(), x()),
    scatter_: () => x().scatter_(0, bad2(), x()),
    scatterReduce: () => x().scatterReduce(0, bad2(), x(), 'sum'),
    indexSelect: () => x().indexSelect(0, bad()),
    indexAdd: () => x().indexAdd(0, bad(), x()),
    indexCopy: () => x().indexCopy(0, bad(), x()),
    indexFill: () => x().indexFill(0, bad(), 1),
    indexPut: () => x().indexPut([bad()], tensor(1)),
    index: () => x().index(bad()),
    take: () => x().take(bad()),
    takeAlongDim: () => x().takeAlongDim(bad2(), 0),
    embedding: () => F.embedding(bad(), x()),
    oneHot: () => F.oneHot(bad()),
    nllLoss: () => F.nllLoss(x(), bad()),
    crossEntropy: () => F.crossEntropy(x(), bad()),
    repeatInterleave: () => x().repeatInterleave(bad(), { dim: 0 }),
    'repeatInterleave by one': () => x().repeatInterleave(tensor([1.5]), { dim: 0 }),
    tensorSplit: () => x().tensorSplit(bad()),
    narrow: () => x().narrow(0, tensor(0.5), 1),
    'nn.Embedding': () => new nn.Embedding(3, 2).call(bad()),
    'nn.NLLLoss': () => new nn.NLLLoss().call(x(), bad()),
    'nn.CrossEntropyLoss': () => new nn.CrossEntropyLoss().call(x(), bad()),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(`${name} says how to cast it`, () => {
      const op = name.split(' ')[0]!.replace('nn.NLLLoss', 'nllLoss').replace('nn.CrossEntropyLoss', 'crossEntropy').replace('nn.Embedding', 'embedding');
      expect(call).toThrow(DTypeError);
      expect(call).toThrow(new RegExp(`^${op}: .*float32.*make it with \\{ dtype: 'int64' \\}.*cast with to\\('int64'\\)`));
    });
  }
});

test('pictures have their former names in io, for one version', () => {
  // What came later has no former name.
  const { planSvg: _, ...former } = viz;
  for (const [name, draw] of Object.entries(former)) expect(adjoint.io, name).toHaveProperty(name, draw);
});
