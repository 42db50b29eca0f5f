// Everything callable, by position, by name and mixed, and with a name there is not. The ops come from the manifest of the op
// table; everything else states its parameters, and what is exported without stating them fails the last tests.
import { describe, expect, it } from 'vitest';
import * as adjoint from 'adjoint';
import { Tensor, UsageError, autograd, data, distributions, func, linalg, manualSeed, nn, ones, optim, special, tensor, zeros } from 'adjoint';
import { callable, memberOf, argumentsOf, seeded, type ManifestOp } from './gradcheck-samples';
import manifest from './generated/manifest.json';

type Call = (...args: unknown[]) => unknown;

interface List {
  readonly where: string;
  readonly names: readonly string[];
  readonly positional: number;
  isRequired(name: string): boolean;
  kindOf(name: string): { readonly fallback: unknown; readonly expected: string; take(value: unknown): unknown };
}

/** What can be compared of a result. */
function plain(value: unknown): unknown {
  if (value instanceof nn.UninitializedParameter || value instanceof nn.UninitializedBuffer) return [String(value), value.dtype];
  if (value instanceof Tensor) return [value.dtype, value.shape, value.isDisposed ? null : value.tolist()];
  if (value instanceof nn.Module) return [String(value), plain(value.stateDict())];
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || value === null || value instanceof Map) return value;
  if (Symbol.iterator in value && !Array.isArray(value)) return [value.constructor.name, ...Array.from(value as Iterable<unknown>, plain)];
  if (value instanceof optim.Optimizer) return [value.constructor.name, plain(value.paramGroups)];
  if (value instanceof optim.lrScheduler.LRScheduler) return [value.constructor.name, value.stateDict(), value.getLastLr()];
  // Of anything else that is of a class, such as a guard, only the class is compared.
  if (!Array.isArray(value) && ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) return value.constructor.name;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** What a call gives or throws. */
function outcome(call: () => unknown): unknown {
  manualSeed(0);
  try {
    const result = call();
    const seen = plain(result);
    const guard = result as { dispose?: () => void } | null | undefined;
    // What switches something on is switched off again.
    if (!(result instanceof Tensor) && typeof guard?.dispose === 'function') guard.dispose();
    return { result: seen };
  } catch (error) {
    return { error: String(error) };
  }
}

const byName = (names: readonly string[], values: readonly unknown[], from: number): Record<string, unknown> =>
  Object.fromEntries(names.slice(from).map((name, i) => [name, values[from + i]]).filter(([, value]) => value !== undefined) as [string, unknown][]);

/** Throws unless a call with an unknown name is refused with the known ones. */
function expectRefusal(call: () => unknown, names: readonly string[]): void {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'an unknown name').toBeInstanceOf(UsageError);
  expect(String(thrown)).toContain('there is no argument named nonsense');
  for (const name of names) expect(String(thrown)).toContain(name);
}

// --- ops ---

const ops = (manifest as unknown as (ManifestOp & { inPlace: boolean })[]).filter(
  (op) => op.surface.length > 0 && !op.name.startsWith('_') && op.samples.length > 0,
);
const members: Record<string, unknown> = { Function: adjoint, Functional: nn.functional, Linalg: linalg, Special: special };

function placesOf(op: (typeof ops)[number]): [string, Call, fromMethod: boolean][] {
  const found: [string, Call, boolean][] = [];
  for (const surface of op.surface) {
    const holder = members[surface] as Record<string, Call> | undefined;
    // The names that are more than one op are written by hand, and tested below.
    if (holder !== undefined && typeof holder[op.name] === 'function') found.push([surface, holder[op.name]!, false]);
  }
  if (memberOf(op) !== null) found.push(['a namespace', callable(op, adjoint) as Call, false]);
  const method = (name: string): Call => (self, ...args) => (self as Record<string, Call>)[name]!(...args);
  if (op.surface.includes('Method') && op.name !== 'index') found.push(['Method', method(op.name), true]);
  if (op.inPlace && (op.surface.includes('Method') || op.surface.includes('InPlaceMethod'))) found.push(['in place', method(`${op.name}_`), true]);
  return found;
}

describe('an op is called by position, by name and mixed', () => {
  const cases = ops.flatMap((op) => placesOf(op).map(([place, call, isMethod]) => [`${op.op}, ${place}`, op, call, isMethod] as const));
  it.each(cases)('%s', (_, op, call, isMethod) => {
    const names = op.args.map(({ name }) => name);
    const values = (): unknown[] => {
      const sample = argumentsOf(op, op.samples[0]!, seeded(op.op));
      return sample.place(sample.tensors.map((t) => (t.requiresGrad ? t.detach() : t)));
    };
    const expected = outcome(() => call(...values()));
    for (let k = isMethod ? 1 : 0; k < values().length; k++) {
      const form = outcome(() => {
        const given = values();
        return call(...given.slice(0, k), byName(names, given, k));
      });
      expect(form, `the first ${k} by position`).toEqual(expected);
    }
    const first = isMethod ? values().slice(0, 1) : [];
    expectRefusal(() => call(...first, { ...byName(names, values(), first.length), nonsense: 1 }), names);
  });
});

// --- everything else ---

const parameter = (): adjoint.nn.Parameter => {
  const p = new nn.Parameter(ones([2]));
  p.grad = tensor([3, 4]);
  return p;
};
const sgd = (): optim.SGD => new optim.SGD([parameter()], 0.5);
const square = (x: Tensor): Tensor => x.mul(x).sum();

/** Values of required parameters that their kind alone does not tell, by callable or for all. */
const EXAMPLES: Record<string, () => unknown> = {
  'functionalCall.args': () => [ones([1, 2])],
  data: () => [1, 2],
  func: () => square,
  fn: () => () => undefined,
  functions: () => [(x: Tensor) => x.mul(2), (x: Tensor) => x.add(1)],
  hook: () => () => undefined,
  input: () => ones([2]),
  inputs: () => tensor([2], { requiresGrad: true, dtype: 'float64' }),
  lrLambda: () => (epoch: number) => 0.5 ** epoch,
  metrics: () => 1,
  module: () => new nn.Linear(2, 1),
  'lstm.input': () => ones([2, 2, 2]),
  'lstm.hx': () => [ones([1, 2, 1]), zeros([1, 2, 1])],
  'lstm.params': () => [ones([4, 2]), ones([4, 1])],
  'lstm.hasBiases': () => false,
  'lstm.numLayers': () => 1,
  'lstm.dropout': () => 0,
  'lstm.bidirectional': () => false,
  models: () => [new nn.Linear(2, 1), new nn.Linear(2, 1)],
  nonlinearity: () => 'relu',
  optimizer: sgd,
  outputs: () => tensor([2], { requiresGrad: true }),
  parameterAndBufferDicts: () => ({ bias: zeros([1]) }),
  parameters: () => [parameter()],
  param: () => new nn.Parameter(ones([2])),
  params: () => [parameter()],
  'Muon.params': () => [new nn.Parameter(ones([2, 2]))],
  paramGroup: () => ({ params: [parameter()], lr: 0.25 }),
  primals: () => [tensor([1, 2])],
  seed: () => 3,
  startFactor: () => 0.5,
  tangent: () => ones([2]),
  tensor: () => ones([2]),
  tensors: () => [ones([2])],
  'tensordot.a': () => ones([2, 2]),
  'tensordot.b': () => ones([2, 2]),
  tangents: () => [tensor([3, 4])],
  name: () => 'extra',
  newState: () => adjoint.getRngState(),
  'grad.inputs': () => leaf,
  'grad.outputs': () => leaf.mul(2).sum(),
  'backward.tensors': () => tensor([2], { requiresGrad: true }).mul(3),
  'getGradientEdge.tensor': () => ones([2], { requiresGrad: true }).mul(2),
  'checkpointSequential.segments': () => 2,
  'constant_.tensor': () => zeros([2]),
  'where.condition': () => tensor([true, false]),
  'where.other': () => 0,
  'eye_.tensor': () => zeros([2, 3]),
  'kaimingNormal_.tensor': () => zeros([2, 3]),
  'kaimingUniform_.tensor': () => zeros([2, 3]),
  'xavierNormal_.tensor': () => zeros([2, 3]),
  'xavierUniform_.tensor': () => zeros([2, 3]),
  'gradcheck.func': () => square,
  'graph.tensors': () => tensor([2], { requiresGrad: true }).mul(3),
  'AdaptiveLogSoftmaxWithLoss.cutoffs': () => [1],
  'AdaptiveLogSoftmaxWithLoss.divValue': () => 1,
  'AdaptiveLogSoftmaxWithLoss.nClasses': () => 3,
  'Unflatten.dim': () => 1,
  ...Object.fromEntries(['FractionalMaxPool2d', 'FractionalMaxPool3d'].map((name) => [`${name}.outputSize`, () => 2])),
  ...Object.fromEntries(['Upsample', 'UpsamplingNearest2d', 'UpsamplingBilinear2d'].map((name) => [`${name}.size`, () => 3])),
  'Unflatten.unflattenedSize': () => [1, 2],
  ...Object.fromEntries(['Zero', 'Constant', 'Circular', 'Reflection', 'Replication'].flatMap((kind) => [1, 2, 3].map((d) => [`${kind}Pad${d}d.padding`, () => 1]))),
  'GradientEdge.node': () => tensor([2], { requiresGrad: true }).mul(3).gradFn,
  'incrementVersion.tensor': () => ones([2]),
  'registerMultiGradHook.tensors': () => [tensor([1], { requiresGrad: true }).mul(2)],
  'Parameter.data': () => ones([2]),
  'Buffer.data': () => ones([2]),
  'fromNumpy.ndarray': () => new Float32Array(2),
  type: () => 'int32',
  'finfo.type': () => 'float64',
  type1: () => 'int32',
  type2: () => 'float32',
  'canCast.from': () => 'int32',
  'canCast.to': () => 'float32',
  tensor1: () => ones([2]),
  tensor2: () => 1.5,
  obj: () => ones([2]),
  embeddings: () => ones([3, 2]),
  condition: () => tensor([true, false]),
  amount: () => 1,
  'CustomFromMask.mask': () => ones([2]),
  'customFromMask.mask': () => ones([1, 2]),
  'globalUnstructured.parameters': () => [[new nn.Linear(2, 1), 'weight']],
  pruningMethod: () => nn.utils.prune.L1Unstructured,
  'remove.module': () => nn.utils.prune.identity(new nn.Linear(2, 1), 'weight'),
  ...Object.fromEntries(['LnStructured', 'lnStructured', 'randomStructured'].flatMap((of) => [[`${of}.n`, () => 2], [`${of}.dim`, () => 1]])),
  ...Object.fromEntries(
    ['identity', 'randomUnstructured', 'l1Unstructured', 'randomStructured', 'lnStructured', 'customFromMask', 'remove'].map((of) => [`${of}.name`, () => 'weight']),
  ),
  'savedTensorsHooks.packHook': () => (t: Tensor) => t,
  'savedTensorsHooks.unpackHook': () => (t: Tensor) => t,
  'CsvTable.names': () => ['a', 'b'],
  'CsvTable.rows': () => [['1', '2']],
  'parseCsv.text': () => 'a,b\n1,2',
  'progress.of': () => [1, 2],
  'readCsv.source': () => new TextEncoder().encode('a,b\n1,2'),
  'readIdx.source': () => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5),
  'readImage.source': () => ({ width: 1, height: 1, data: new Uint8Array(4) }),
  'Independent.reinterpretedBatchNdims': () => 1,
  'independent.reinterpretedBatchNdims': () => 0,
  baseDistribution: () => new distributions.Normal(ones([2]), 1),
  'Bernoulli.probs': () => 0.5,
  'Binomial.probs': () => 0.5,
  'Categorical.probs': () => tensor([0.5, 0.5]),
  'cat.cseq': () => [distributions.constraints.positive],
  'CatTransform.tseq': () => [new distributions.ExpTransform()],
  'ContinuousBernoulli.probs': () => 0.5,
  'CumulativeDistributionTransform.distribution': () => new distributions.Normal(0, 1),
  'Dirichlet.concentration': () => tensor([1, 2]),
  'Geometric.probs': () => 0.5,
  ...Object.fromEntries(['MultivariateNormal', 'Wishart'].map((of) => [`${of}.covarianceMatrix`, () => adjoint.eye(2)])),
  'LowRankMultivariateNormal.covFactor': () => ones([2, 1]),
  'independent.baseConstraint': () => distributions.constraints.positive,
  'IndependentTransform.baseTransform': () => new distributions.ExpTransform(),
  'klDivergence.p': () => new distributions.Normal(0, 1),
  'klDivergence.q': () => new distributions.Normal(1, 1),
  'LogitRelaxedBernoulli.probs': () => 0.5,
  'bijectTo.constraint': () => distributions.constraints.positive,
  'transformTo.constraint': () => distributions.constraints.simplex,
  'MixtureSameFamily.componentDistribution': () => new distributions.Normal(tensor([0, 1]), 1),
  'MixtureSameFamily.mixtureDistribution': () => new distributions.Categorical(tensor([0.5, 0.5])),
  'Multinomial.probs': () => tensor([0.5, 0.5]),
  'NegativeBinomial.probs': () => 0.5,
  'OneHotCategorical.probs': () => tensor([0.5, 0.5]),
  'ComposeTransform.parts': () => [new distributions.ExpTransform()],
  'registerKl.formula': () => () => ones([1]),
  'registerKl.typeP': () => distributions.Normal,
  'registerKl.typeQ': () => distributions.Dirichlet,
  'RelaxedBernoulli.probs': () => 0.5,
  'RelaxedOneHotCategorical.probs': () => tensor([0.5, 0.5]),
  'ReshapeTransform.inShape': () => [2, 3],
  'ReshapeTransform.outShape': () => [6],
  'stack.cseq': () => [distributions.constraints.positive],
  'StackTransform.tseq': () => [new distributions.ExpTransform()],
  'TransformedDistribution.transforms': () => new distributions.ExpTransform(),
  'Uniform.high': () => 3,
  'BatchSampler.sampler': () => [2, 0, 1],
  'ChainDataset.datasets': () => [new Set([1, 2]), new Set([3])],
  'ConcatDataset.datasets': () => [new data.TensorDataset(ones([2])), new data.TensorDataset(ones([1]))],
  'DataLoader.dataset': () => new data.TensorDataset(ones([3])),
  dataSource: () => [1, 2, 3],
  'inWorkers.module': () => 'file:///dataset.js',
  'WeightedRandomSampler.weights': () => [0.5, 1],
  'TensorDataset.tensors': () => [ones([2])],
  'vmap.func': () => (x: Tensor) => x.mul(2),
  encoderLayer: () => new nn.TransformerEncoderLayer(2, 2, 3, 0),
  decoderLayer: () => new nn.TransformerDecoderLayer(2, 2, 3, 0),
  'Transformer.dModel': () => 2,
  'Transformer.nhead': () => 2,
  'Transformer.numEncoderLayers': () => 1,
  'Transformer.numDecoderLayers': () => 1,
  'Transformer.dimFeedforward': () => 3,
  'SequentialLR.optimizer': () => theOptimizer,
  'SequentialLR.schedulers': () => [new optim.lrScheduler.StepLR(theOptimizer, 2)],
  'SequentialLR.milestones': () => [],
  'ChainedScheduler.schedulers': () => [new optim.lrScheduler.StepLR(theOptimizer, 2)],
  'OneCycleLR.totalSteps': () => 5,
  'OneCycleLR.optimizer': withMomentum,
  'CyclicLR.optimizer': withMomentum,
  swaLr: () => 0.05,
  model: () => new nn.Linear(2, 1),
  loader: () => [ones([3, 2])],
  'dirac_.tensor': () => zeros([2, 2, 3]),
  'orthogonal_.tensor': () => zeros([2, 3]),
  'sparse_.tensor': () => zeros([3, 2]),
  lengths: () => [2, 1],
  'packPaddedSequence.input': () => ones([2, 2]),
  'unpadSequence.paddedSequences': () => ones([2, 2]),
  sequence: () => nn.utils.rnn.packSequence([ones([2])]),
  packedSequences: () => nn.utils.rnn.packSequence([ones([2])]),
  'PackedSequence.data': () => ones([2]),
  'PackedSequence.batchSizes': () => tensor([1n, 1n]),
  permutation: () => tensor([1n, 0n]),
  conv: () => new nn.Conv1d(1, 2, 1).eval(),
  'fuseConvBnEval.bn': () => new nn.BatchNorm1d(2).eval(),
  linear: () => new nn.Linear(2, 2).eval(),
  'fuseLinearBnEval.bn': () => new nn.BatchNorm1d(2).eval(),
  'fuseConvBnWeights.convW': () => ones([2, 1, 1]),
  'fuseLinearBnWeights.linearW': () => ones([2, 1]),
  ...Object.fromEntries(['convB', 'linearB', 'bnRm', 'bnRv', 'bnW', 'bnB'].flatMap((name) => ['fuseConvBnWeights', 'fuseLinearBnWeights'].map((f) => [`${f}.${name}`, () => ones([2])]))),
  'registerParametrization.tensorName': () => 'weight',
  'registerParametrization.parametrization': () => new nn.Tanh(),
  'removeParametrizations.tensorName': () => 'weight',
  'removeParametrizations.module': () => nn.utils.parametrizations.weightNorm(new nn.Linear(2, 1)),
  fromModule: () => nn.utils.parametrizations.weightNorm(new nn.Linear(2, 1)),
  toModule: () => new nn.Linear(2, 1),
  'ParametrizationList.modules': () => [new nn.Tanh()],
  'ParametrizationList.original': () => new nn.Parameter(ones([2])),
  dataset: () => new data.TensorDataset(ones([3])),
  'Module.loadStateDict.stateDict': () => new nn.Linear(2, 1).stateDict(),
  'Optimizer.loadStateDict.stateDict': () => sgd().stateDict(),
  'LRScheduler.loadStateDict.stateDict': () => new optim.lrScheduler.StepLR(sgd(), 2).stateDict(),
  'ReduceLROnPlateau.loadStateDict.stateDict': () => new optim.lrScheduler.ReduceLROnPlateau(sgd()).stateDict(),
  'setNumThreads.n': () => 1,
  captured: () => adjoint.capture((x: Tensor) => x.mul(2), ones([2])),
  'importOnnx.source': () => adjoint.exportOnnx(adjoint.capture((x: Tensor) => x.mul(2), ones([2]))).model,
  'planSvg.fn': () => {
    const f = adjoint.capture((x: Tensor) => x.mul(2), ones([2]));
    f.run(ones([2])).dispose();
    return f;
  },
  'compile.recompute': () => 'cheap',
  'load.source': () => adjoint.save({ a: ones([2]) }),
  'save.object': () => ({ a: 1 }),
  'allclose.other': () => ones([2]),
  'isNonzero.input': () => tensor([1]),
  'device.type': () => 'cpu',
  'setDefaultDevice.device': () => 'cpu',
  'setDefaultDtype.d': () => 'float32',
  'setFloat32MatmulPrecision.precision': () => 'high',
  'frombuffer.buffer': () => new Float32Array([1, 2]),
  'frombuffer.dtype': () => 'float32',
  'histogramdd.input': () => ones([2, 2]),
  'histogramdd.bins': () => 2,
  'affineGridGenerator.theta': () => ones([1, 2, 3]),
  'affineGridGenerator.size': () => [1, 1, 2, 2],
  'adaptiveMaxPool1d.input': () => ones([1, 2, 4]),
  'maxPool1dWithIndices.input': () => ones([1, 2, 4]),
  'batchNorm.input': () => ones([3, 2]),
  'instanceNorm.input': () => ones([3, 2, 2]),
  'embeddingRenorm_.input': () => ones([3, 2]),
  'embeddingRenorm_.indices': () => tensor([1n]),
  ...Object.fromEntries(['embedding', 'embeddingBag'].flatMap((of) => [[`${of}.weight`, () => ones([3, 2])], [`${of}.indices`, () => tensor([1n, 0n])]])),
  'embeddingBag.offsets': () => tensor([0n]),
  'embeddingBag.mode': () => 0,
  'convolution.input': () => ones([1, 2, 3]),
  'convolution.weight': () => ones([2, 2, 2]),
  ...Object.fromEntries(['stride', 'dilation', 'groups'].map((name) => [`convolution.${name}`, () => 1])),
  ...Object.fromEntries(['padding', 'outputPadding'].map((name) => [`convolution.${name}`, () => 0])),
  'convolution.transposed': () => false,
  ...Object.fromEntries(['gridSampler', 'gridSampler2d'].flatMap((of) => [[`${of}.input`, () => ones([1, 1, 2, 2])], [`${of}.grid`, () => zeros([1, 2, 2, 2])], [`${of}.interpolationMode`, () => 0], [`${of}.paddingMode`, () => 0]])),
  'ctcLoss.logProbs': () => zeros([2, 1, 2]),
  'ctcLoss.targets': () => tensor([[1n]]),
  'ctcLoss.inputLengths': () => [2],
  'ctcLoss.targetLengths': () => [1],
  ...Object.fromEntries(['input1', 'input2'].map((name) => [`cosineEmbeddingLoss.${name}`, () => ones([2, 2])])),
  'cosineEmbeddingLoss.target': () => ones([2]),
  ...Object.fromEntries(['alphaDropout', 'featureAlphaDropout', 'featureDropout'].flatMap((of) => [of, `${of}_`].flatMap((name) => [[`${name}.p`, () => 0.5], [`${name}.input`, () => ones([2, 2])]]))),
  ...Object.fromEntries([1, 2, 3].map((d) => [`dropout${d}d.input`, () => ones([1, 2, 2, 2, 2].slice(0, d + 2))])),
  ...Object.fromEntries([1, 2, 3].flatMap((d) => ['lpPool', 'maxPool', 'adaptiveMaxPool', 'fractionalMaxPool'].map((of) => [`${of}${d}d${of === 'lpPool' ? '' : 'WithIndices'}.input`, () => ones([1, 2, 4, 4, 4].slice(0, d + 2))]))),
  ...Object.fromEntries([2, 3].map((d) => [`fractionalMaxPool${d}dWithIndices.outputSize`, () => 2])),
  'featureAlphaDropout.input': () => ones([2, 2]),
  'linearCrossEntropy.input': () => ones([2, 2]),
  'linearCrossEntropy.linearWeight': () => ones([3, 2]),
  'linearCrossEntropy.target': () => tensor([0n, 1n]),
  ...Object.fromEntries(['query', 'key', 'value'].map((name) => [`multiHeadAttentionForward.${name}`, () => ones([2, 1, 2])])),
  'multiHeadAttentionForward.embedDimToCheck': () => 2,
  'multiHeadAttentionForward.numHeads': () => 1,
  'multiHeadAttentionForward.inProjWeight': () => ones([6, 2]),
  'multiHeadAttentionForward.addZeroAttn': () => false,
  'multiHeadAttentionForward.dropoutP': () => 0,
  'multiHeadAttentionForward.outProjWeight': () => ones([2, 2]),
  'replaceAllBatchNormModules_.root': () => new nn.BatchNorm1d(2),
  'segmentReduce.data': () => ones([2]),
  'segmentReduce.reduce': () => 'sum',
  'segmentReduce.lengths': () => tensor([2n]),
  ...Object.fromEntries(['svdLowrank', 'pcaLowrank'].map((of) => [`${of}.A`, () => ones([3, 2])])),
  'svdLowrank.q': () => 1,
  'indexPut_.indices': () => [tensor([0n, 1n])],
  'polygamma.n': () => 1,
  'polygamma_.n': () => 1,
  'rand.other': () => tensor([1n]),
  'registerBuffer.tensor': () => ones([2]),
};
const leaf = tensor([2, 3], { requiresGrad: true });
const theOptimizer = sgd();
function withMomentum(): optim.SGD {
  return new optim.SGD([parameter()], 0.5, { momentum: 0.9 });
}

const POOL: readonly (() => unknown)[] = [
  () => 2,
  () => 0.5,
  () => true,
  () => ones([2]),
  () => [0, 1],
  () => [ones([2])],
  () => 'float32',
  () => () => undefined,
];

function example(list: List, owner: string, name: string): unknown {
  const made = EXAMPLES[`${owner}.${list.where}.${name}`] ?? EXAMPLES[`${list.where}.${name}`];
  if (made !== undefined) return made();
  const kind = list.kindOf(name);
  if (!list.isRequired(name)) return kind.fallback;
  const byKind = POOL.find((candidate) => typeof kind.take(candidate()) !== 'symbol');
  const isTold = byKind !== undefined && !['given', 'an object'].includes(kind.expected) && EXAMPLES[name] === undefined;
  const value = isTold ? byKind : EXAMPLES[name];
  if (value === undefined) throw new Error(`${list.where}: there is no example of ${name}; add one to EXAMPLES`);
  return value();
}

function checkForms(list: List, owner: string, call: Call): void {
  const { names } = list;
  const values = (): unknown[] => names.map((name) => example(list, owner, name));
  const expected = outcome(() => call(...values().slice(0, list.positional)));
  expect(expected, 'by position').not.toHaveProperty('error');
  for (let k = 0; k <= list.positional && k < names.length; k++) {
    const form = outcome(() => {
      const given = values();
      return call(...given.slice(0, k), byName(names, given, k));
    });
    expect(form, `the first ${k} by position`).toEqual(expected);
  }
  expectRefusal(() => call({ ...byName(names, values(), 0), nonsense: 1 }), names);
  for (const name of names) {
    const kind = list.kindOf(name);
    if (typeof kind.take(Symbol.iterator) !== 'symbol' || kind.take(Symbol.iterator) === Symbol.iterator) continue;
    expect(() => call({ ...byName(names, values(), 0), [name]: Symbol.iterator }), name).toThrow(UsageError);
  }
  expect(() => call(...names.slice(0, list.positional).map((name) => example(list, owner, name)), 1, 2), 'too many').toThrow(UsageError);
}

const namespaces: Record<string, object> = {
  adjoint,
  autograd,
  'autograd.functional': autograd.functional,
  'autograd.graph': autograd.graph,
  data,
  distributions,
  'distributions.constraints': distributions.constraints,
  forwardAd: adjoint.forwardAd,
  func,
  nn,
  'nn.functional': nn.functional,
  'nn.init': nn.init,
  'nn.utils': nn.utils,
  'nn.utils.rnn': nn.utils.rnn,
  'nn.utils.parametrizations': nn.utils.parametrizations,
  'nn.utils.parametrize': nn.utils.parametrize,
  'nn.utils.prune': nn.utils.prune,
  optim,
  'optim.lrScheduler': optim.lrScheduler,
  'optim.swaUtils': optim.swaUtils,
};

const stated = new Map<unknown, [string, List]>();
const unstated: string[] = [];
const opNames = new Set((manifest as unknown as (ManifestOp & { also: string[] })[]).flatMap(({ name, also }) => [name, ...also].flatMap((of) => [of, `${of}_`])));
for (const [space, members] of Object.entries(namespaces)) {
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'function') continue;
    const list = (value as unknown as { _parameters?: List })._parameters;
    if (list !== undefined) {
      if (!stated.has(value)) stated.set(value, [`${space}.${name}`, list]);
    } else if (!opNames.has(name)) unstated.push(name);
  }
}

const isClass = (value: unknown): value is new (...args: unknown[]) => unknown => /^class\b/.test(Function.prototype.toString.call(value));

describe('a function or class is called by position, by name and mixed', () => {
  it.each([...stated].map(([value, [name, list]]) => [name, value, list] as const))('%s', (_, value, list) => {
    const call: Call = isClass(value) ? (...args) => new value(...args) : (value as Call);
    if (['makeDual', 'unpackDual'].includes(list.where)) {
      adjoint.forwardAd.dualLevel(() => { checkForms(list, '', call); });
    } else checkForms(list, '', call);
  });

  it('and what is exported states its parameters, or is none of PyTorch\'s', () => {
    expect([...new Set(unstated)].sort()).toEqual(WITHOUT_PARAMETERS);
  });
});

/** Exports that have no list: they take any arguments, or are classes of results, errors and guards, which wrong-arguments.test.ts calls. */
const WITHOUT_PARAMETERS = [
  // errors
  'AdjointError', 'AutogradError', 'DTypeError', 'DeviceError', 'DisposedError', 'FormatError', 'GradcheckError', 'IndexError', 'LoadError', 'OutOfMemoryError', 'ShapeError', 'UsageError',
  // results, guards and base classes
  'AnomalyGuard', 'AutogradFunction', 'CapturedFunction', 'Constraint', 'Dataset', 'Distribution', 'DualLevel', 'ExponentialFamily', 'Function', 'FunctionCtx', 'GradFn', 'IterableDataset', 'LRScheduler',
  'LeakTracker', 'ModeGuard', 'Module', 'MutationGuard', 'Node', 'Optimizer', 'ParametrizationCache', 'BasePruningMethod', 'PruningContainer', 'RngFork', 'SavedTensorsHooks', 'SavedTensorsHooksBan', 'Sampler', 'Scope', 'Tensor', 'TensorGraph', 'Transform',
  // any number of arguments, or any at all
  'Identity', 'ModuleDict', 'ParameterDict', 'Sequential', 'StackDataset', 'TensorDataset', 'broadcastShapes', 'capture', 'checkpoint', 'linearize', 'vjp',
  // what is called too often to read a list, and checks its arguments itself
  'keep', 'onceDifferentiable', 'scope',
  // what test runners call with arguments of theirs
  'reset',
  // calls of ops under other names, and what has tests of its own below
  'allclose', 'equal', 'exitDualLevel', 'tensor',
].sort();

describe('what reads its arguments in a way of its own', () => {
  const loose = adjoint as unknown as Record<string, Call>;

  it('allclose and equal are called as ops are', () => {
    const [a, b] = [tensor([1, 2]), tensor([1, 2.1])];
    for (const args of [[a, b, 0, 0.2], [a, b, { rtol: 0, atol: 0.2 }], [a, { other: b, rtol: 0, atol: 0.2 }], [{ input: a, other: b, rtol: 0, atol: 0.2 }]]) {
      expect(loose['allclose']!(...args)).toBe(true);
    }
    expect(a.allclose({ other: b, atol: 0.2 })).toBe(true);
    expect([loose['equal']!({ input: a, other: a }), loose['equal']!(a, { other: b }), a.equal({ other: a })]).toEqual([true, false, true]);
    expectRefusal(() => loose['allclose']!(a, b, { nonsense: 1 }), ['rtol', 'atol', 'equalNan']);
    expectRefusal(() => loose['equal']!(a, { other: b, nonsense: 1 }), ['input', 'other']);
  });

  it('tensor refuses names it does not know', () => {
    expect(tensor({ data: [1, 2], dtype: 'int32' }).dtype).toBe('int32');
    expect(() => tensor([1], { requiresgrad: true } as never)).toThrow(/tensor: there is no argument named requiresgrad; the names are data, dtype, device, requiresGrad/);
    expect(() => tensor([1], { requiresGrad: 1 } as never)).toThrow(/tensor: requiresGrad must be true or false/);
    expect(() => loose['tensor']!()).toThrow(UsageError);
    expect(() => loose['tensor']!([1], 'int32')).toThrow(UsageError);
  });

  it('a function with arguments of any number takes options at the end', () => {
    const f = (x: Tensor): Tensor => x.mul(x).sum();
    const x = tensor([1, 2], { requiresGrad: true });
    expect(plain(adjoint.checkpoint(f, x, { preserveRngState: false, useReentrant: false }))).toEqual(plain(f(x)));
    expect(() => adjoint.checkpoint(f, x, { preserveRngState: 1 } as never)).toThrow(/checkpoint: preserveRngState must be true or false/);
    expect(() => func.vjp(f, x, { hasAux: 'yes' } as never)).toThrow(/vjp: hasAux must be true or false/);
    expect(func.vjp(f, x)[1](tensor(1), { retainGraph: true })[0].tolist()).toEqual([2, 4]);
    expect(() => (func.vjp(f, x)[1] as Call)(tensor(1), { nonsense: true })).toThrow(/there is no argument named nonsense/);
  });

  it('methods that are made of ops take names', () => {
    expect(zeros([2, 3]).transpose_({ dim0: 0, dim1: 1 }).shape).toEqual([3, 2]);
    expect(zeros([2, 3]).swapaxes_(0, { axis1: 1 }).shape).toEqual([3, 2]);
    expect(zeros([2, 3]).unsqueeze_({ dim: 0 }).shape).toEqual([1, 2, 3]);
    expect(zeros([1, 3]).squeeze_({ dim: 0 }).shape).toEqual([3]);
    expect(zeros([4]).asStrided_({ size: [2, 2], stride: [2, 1] }).shape).toEqual([2, 2]);
    expect(() => (zeros([2, 3]) as unknown as Record<string, Call>)['transpose_']!({ dim0: 0, dim1: 1, nonsense: 1 })).toThrow(/there is no argument named nonsense/);
  });

  it('a state dict is not taken for names, nor names for a state dict', () => {
    const [a, b] = [new nn.Linear(2, 1), new nn.Linear(2, 1)];
    expect(a.loadStateDict(b.stateDict(), { strict: false })).toMatchObject({ missingKeys: [], unexpectedKeys: [] });
    expect(a.loadStateDict({ stateDict: { weight: ones([1, 2]) }, strict: false }).missingKeys).toEqual(['bias']);
    expect(a.weight.tolist()).toEqual([[1, 1]]);
    expect(() => a.loadStateDict({ weight: ones([1, 2]) })).toThrow(/missing keys: bias/);
  });

  it('words are taken as PyTorch writes them and in camelCase', () => {
    const filled = (mode: string, nonlinearity: string): unknown => {
      manualSeed(0);
      return nn.init.kaimingNormal_(zeros([2, 3]), { mode, nonlinearity } as never).tolist();
    };
    expect(filled('fan_out', 'leaky_relu')).toEqual(filled('fanOut', 'leakyRelu'));
    expect(nn.init.calculateGain('conv_transpose2d')).toBe(1);
    expect(() => filled('fan-out', 'relu')).toThrow(/kaimingNormal_: mode must be 'fanIn' or 'fanOut', got the string "fan-out"/);
    expect(() => new nn.MSELoss({ reduction: 'avg' } as never)).toThrow(/MSELoss: reduction must be 'none', 'mean' or 'sum'/);
  });
});

interface WithMethods {
  readonly _methods: Readonly<Record<string, List>>;
}

const receivers: readonly [string, WithMethods, () => object][] = [
  ['Tensor', Tensor as unknown as WithMethods, () => tensor([2], { requiresGrad: true }).mul(3)],
  ['Module', nn.Module as unknown as WithMethods, () => new nn.Linear(2, 1)],
  ['Optimizer', optim.Optimizer as unknown as WithMethods, sgd],
  ['LRScheduler', optim.lrScheduler.LRScheduler as unknown as WithMethods, () => new optim.lrScheduler.StepLR(sgd(), 2)],
  ['ReduceLROnPlateau', optim.lrScheduler.ReduceLROnPlateau as unknown as WithMethods, () => new optim.lrScheduler.ReduceLROnPlateau(sgd())],
];

/** Tensors for methods that refuse one with a gradient, or of one element. */
const RECEIVERS: Readonly<Record<string, () => object>> = {
  rand: () => tensor([3n]),
};

describe('a method is called by position, by name and mixed', () => {
  const cases = receivers.flatMap(([owner, { _methods }, make]) => Object.entries(_methods).map(([name, list]) => [`${owner}.${name}`, owner, name, list, make] as const));
  it.each(cases)('%s', (_, owner, name, list, make) => {
    const state = (object: object): unknown => (object instanceof optim.Optimizer ? plain(object.paramGroups) : object instanceof Tensor ? object : plain(object));
    checkForms(list, owner, (...args) => {
      const isOfLeaves = ['requiresGrad_', 'registerPostAccumulateGradHook'].includes(name) && owner === 'Tensor';
      const self = isOfLeaves ? ones([2], { requiresGrad: true }) : owner === 'Tensor' ? (RECEIVERS[name] ?? make)() : make();
      const result = (self as Record<string, Call>)[name]!(...args);
      return [result === self ? 'itself' : result, state(self)];
    });
  });
});

describe('a module is called by name', () => {
  const SHAPES: Record<string, readonly (readonly number[])[]> = {
    Linear: [[4, 2]],
    Conv1d: [[1, 2, 5]],
    Conv2d: [[1, 2, 5, 5]],
    ConvTranspose1d: [[1, 2, 5]],
    ConvTranspose2d: [[1, 2, 5, 5]],
    AdaptiveAvgPool1d: [[1, 2, 4]],
    AdaptiveAvgPool2d: [[1, 2, 4, 4]],
    AvgPool1d: [[1, 2, 4]],
    AvgPool2d: [[1, 2, 4, 4]],
    MaxPool1d: [[1, 2, 4]],
    MaxPool2d: [[1, 2, 4, 4]],
    BatchNorm1d: [[3, 2]],
    BatchNorm2d: [[3, 2, 2, 2]],
    CrossEntropyLoss: [[2, 3], [2, 3]],
    Conv3d: [[1, 2, 3, 3, 3]],
    ConvTranspose3d: [[1, 2, 3, 3, 3]],
    LazyConv3d: [[1, 2, 3, 3, 3]],
    LazyConvTranspose3d: [[1, 2, 3, 3, 3]],
    AdaptiveAvgPool3d: [[1, 2, 4, 4, 4]],
    AvgPool3d: [[1, 2, 4, 4, 4]],
    MaxPool3d: [[1, 2, 4, 4, 4]],
    LPPool3d: [[1, 2, 4, 4, 4]],
    AdaptiveMaxPool1d: [[1, 2, 4]],
    AdaptiveMaxPool2d: [[1, 2, 4, 4]],
    AdaptiveMaxPool3d: [[1, 2, 4, 4, 4]],
    FractionalMaxPool2d: [[1, 1, 4, 4]],
    FractionalMaxPool3d: [[1, 1, 4, 4, 4]],
    MaxUnpool1d: [[1, 1, 1]],
    MaxUnpool2d: [[1, 1, 1, 1]],
    MaxUnpool3d: [[1, 1, 1, 1, 1]],
    Upsample: [[1, 2, 4, 4]],
    UpsamplingNearest2d: [[1, 2, 4, 4]],
    UpsamplingBilinear2d: [[1, 2, 4, 4]],
    Unfold: [[1, 2, 4, 4]],
    Fold: [[1, 4, 1]],
    LazyConv2d: [[1, 2, 5, 5]],
    LazyConvTranspose2d: [[1, 2, 5, 5]],
    LazyBatchNorm2d: [[3, 2, 2, 2]],
    LazyBatchNorm3d: [[3, 2, 2, 2, 2]],
    LazyInstanceNorm1d: [[3, 2, 2]],
    LazyInstanceNorm2d: [[3, 2, 2, 2]],
    LazyInstanceNorm3d: [[3, 2, 2, 2, 2]],
    BatchNorm3d: [[3, 2, 2, 2, 2]],
    InstanceNorm1d: [[3, 2, 2]],
    InstanceNorm2d: [[3, 2, 2, 2]],
    InstanceNorm3d: [[3, 2, 2, 2, 2]],
    LocalResponseNorm: [[1, 2, 4]],
    LPPool1d: [[1, 2, 4]],
    LPPool2d: [[1, 2, 4, 4]],
    Dropout1d: [[1, 2, 4]],
    Dropout2d: [[1, 2, 4, 4]],
    Dropout3d: [[1, 2, 4, 4, 4]],
    Softmax2d: [[1, 2, 4, 4]],
    PixelShuffle: [[1, 4, 2, 2]],
    PixelUnshuffle: [[1, 4, 2, 2]],
    ChannelShuffle: [[1, 4, 2, 2]],
    CosineEmbeddingLoss: [[2, 2], [2, 2], [2]],
    TransformerEncoder: [[2, 2, 2]],
    TransformerDecoder: [[2, 2, 2], [2, 2, 2]],
    ...Object.fromEntries([1, 2, 3].flatMap((d) => ['Circular', 'Reflection', 'Replication'].map((kind) => [`${kind}Pad${d}d`, [[1, 1, 4, 4, 4].slice(0, d + 2)]]))),
    ...Object.fromEntries([1, 2, 3].flatMap((d) => ['Zero', 'Constant'].map((kind) => [`${kind}Pad${d}d`, [[1, 1, 4, 4, 4].slice(0, d + 2)]]))),
    Softmax: [[2, 2, 2]],
    LogSoftmax: [[2, 2, 2]],
  };
  /** Inputs that are whole numbers. */
  const CLASSES: Record<string, readonly (null | (() => Tensor))[]> = {
    NLLLoss: [null, () => tensor([0n, 1n])],
    MultiMarginLoss: [null, () => tensor([0n, 1n])],
    MultiLabelMarginLoss: [null, () => tensor([[0n, -1n], [1n, 0n]])],
    LinearCrossEntropyLoss: [null, () => tensor([0n, 1n])],
    AdaptiveLogSoftmaxWithLoss: [null, () => tensor([0n, 1n])],
    Embedding: [() => tensor([0n, 1n])],
    MaxUnpool1d: [null, () => zeros([1, 1, 1], { dtype: 'int64' })],
    MaxUnpool2d: [null, () => zeros([1, 1, 1, 1], { dtype: 'int64' })],
    MaxUnpool3d: [null, () => zeros([1, 1, 1, 1, 1], { dtype: 'int64' })],
    EmbeddingBag: [() => tensor([[0n, 1n], [1n, 0n]])],
    CTCLoss: [null, () => tensor([1n]), () => tensor([2n]), () => tensor([1n])],
  };
  const classes = [...stated].filter(([value]) => isClass(value) && value.prototype instanceof nn.Module && '_inputs' in value.prototype);
  it.each(classes.map(([value, [name, list]]) => [name, value as new (...args: unknown[]) => nn.Module, list] as const))('%s', (_, Class, list) => {
    const make = (): nn.Module => {
      manualSeed(1);
      return new Class(byName(list.names, list.names.map((name) => example(list, '', name)), 0));
    };
    const inputs = (make() as unknown as { _inputs: List })._inputs.names;
    const stating = (make() as unknown as { _inputs: List })._inputs;
    const required = inputs.filter((name) => stating.isRequired(name));
    const values = required.map((_, i) => CLASSES[Class.name]?.[i]?.() ?? ones(SHAPES[Class.name]?.[i] ?? [2, 2]));
    const expected = outcome(() => make().call(...values));
    expect(expected).not.toHaveProperty('error');
    for (let k = 0; k <= required.length; k++) {
      expect(outcome(() => (make().call as Call).call(make(), ...values.slice(0, k), byName(required, values, k)))).toEqual(expected);
    }
    const call = (...args: unknown[]): unknown => (make().call as Call).apply(make(), args);
    expectRefusal(() => call(...values, { nonsense: 1 }), inputs);
    expect(() => call(...values, null, 1, 2)).toThrow(UsageError);
    expect(() => call()).toThrow(UsageError);
    expect(() => call('text')).toThrow(UsageError);
  });
});
