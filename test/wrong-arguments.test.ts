// A random caller: everything callable with values of every kind at every position. Whatever it is given, a call gives a result or throws
// an error of ours, never one of the engine's that a missing check let through. What it found is fixed by the seeds.
import './in-a-new-folder';
import { describe, expect, it, vi } from 'vitest';
import * as adjoint from 'adjoint';
import manifest from './generated/manifest.json';
import { AdjointError, Tensor, autograd, data, nn, ones, optim, tensor, zeros } from 'adjoint';

type Call = (...args: unknown[]) => unknown;

/** Numbers in [0, 1), the same for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Foreign {
  x = 1;
}

/** What a value of the caller's own throws; it passes through unchanged. */
class Own extends Error {}

const own = (): never => {
  throw new Own();
};
const disposed = (): Tensor => {
  const t = ones([2]);
  t.dispose();
  return t;
};
const revoked = (of: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(of, {});
  revoke();
  return proxy;
};
const sgd = (): optim.SGD => new optim.SGD([new nn.Parameter(ones([2]))], 0.5);
const leaf = (): Tensor => ones([2], { requiresGrad: true });

const VALUES: readonly (() => unknown)[] = [
  ...[undefined, null, true, false, 0, 1, -1, 2, 0.5, NaN, Infinity, 2 ** 31, 2 ** 53, 3n, 2n ** 70n, '', 'text', 'float32', 'sum', 'mean', Symbol('s'), Symbol.iterator].map(
    (v) => () => v,
  ),
  () => () => undefined,
  () => (x: unknown) => x,
  () => () => Promise.resolve(1),
  () => class {
    x = 1;
  },
  () => ({}),
  () => ({ a: 1 }),
  () => JSON.parse('{"toString":1}') as unknown,
  () => Object.create(null) as unknown,
  () => ({ dim: 0 }),
  () => ({ nonsense: 1 }),
  () => ({ constructor: null }),
  () => ({ constructor: { name: 5 } }),
  () => ({ [Symbol.iterator]: 1 }),
  () => ({ then: 1 }),
  () => ({ length: 3 }),
  () => ({ toString: own, [Symbol.toPrimitive]: own }),
  () => Object.defineProperty({}, 'constructor', { get: own }),
  () => [],
  () => [1],
  () => [1, 2],
  () => [null],
  () => [undefined],
  () => ['a'],
  () => [[1, 2], [3, 4]],
  () => [ones([2])],
  () => [{}],
  () => [Symbol('a')],
  () => new Array(3),
  () => [disposed()],
  () => new Map(),
  () => new Set([1]),
  () => new Date(NaN),
  () => /x/,
  () => new Float32Array(2),
  () => new BigInt64Array(1),
  () => new DataView(new ArrayBuffer(2)),
  () => new Foreign(),
  () => new Proxy({}, {}),
  () => Promise.resolve(1),
  () => new Error('e'),
  () => ones([2]),
  () => ones([2, 2]),
  leaf,
  () => tensor(1),
  () => tensor([1n, 0n]),
  () => tensor([true, false]),
  () => zeros([0]),
  disposed,
  () => new nn.Linear(2, 2),
  () => new nn.Parameter(ones([2])),
  sgd,
  () => new adjoint.Generator(),
  () => new optim.lrScheduler.StepLR(sgd(), 2),
  () => new data.TensorDataset(ones([3])),
  () => Tensor,
  () => nn.Linear,
  () => leaf().mul(2).gradFn,
  () => Tensor.prototype,
];

const ops: Readonly<Record<string, unknown>> = Object.fromEntries((manifest as { name: string; surface: string[] }[]).filter(({ surface }) => surface.length > 0).map(({ name }) => [name, true]));

const isClass = (f: unknown): f is new (...args: unknown[]) => unknown => typeof f === 'function' && /^class\b/.test(Function.prototype.toString.call(f));

/** Objects whose methods are called. */
const RECEIVERS: Readonly<Record<string, () => object>> = {
  tensor: () => ones([2, 2]),
  'tensor of a graph': () => ones([2, 2], { requiresGrad: true }).mul(2),
  leaf,
  'disposed tensor': disposed,
  Linear: () => new nn.Linear(2, 2),
  BatchNorm1d: () => new nn.BatchNorm1d(2),
  Conv2d: () => new nn.Conv2d(1, 1, 1),
  Embedding: () => new nn.Embedding(3, 2),
  MSELoss: () => new nn.MSELoss(),
  Sequential: () => new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU()),
  ModuleList: () => new nn.ModuleList([new nn.Linear(1, 1)]),
  ModuleDict: () => new nn.ModuleDict({ a: new nn.Linear(1, 1) }),
  ParameterList: () => new nn.ParameterList([ones([1])]),
  ParameterDict: () => new nn.ParameterDict({ a: ones([1]) }),
  SGD: sgd,
  Adam: () => new optim.Adam([new nn.Parameter(ones([2]))]),
  StepLR: () => new optim.lrScheduler.StepLR(sgd(), 2),
  SequentialLR: () => {
    const of = sgd();
    return new optim.lrScheduler.SequentialLR(of, [new optim.lrScheduler.StepLR(of, 2)], []);
  },
  CosineAnnealingWarmRestarts: () => new optim.lrScheduler.CosineAnnealingWarmRestarts(sgd(), 2),
  AveragedModel: () => new optim.swaUtils.AveragedModel(new nn.Linear(2, 2)),
  ReduceLROnPlateau: () => new optim.lrScheduler.ReduceLROnPlateau(sgd()),
  Generator: () => new adjoint.Generator(),
  Scope: () => new adjoint.Scope(),
  LeakTracker: () => adjoint.trackLeaks(),
  CapturedFunction: () => adjoint.capture((x) => x.mul(2), ones([2])),
  Node: () => leaf().mul(2).gradFn!,
  HookHandle: () => leaf().registerHook(() => undefined),
  DataLoader: () => new data.DataLoader(new data.TensorDataset(ones([3])), { batchSize: 2 }),
  TensorDataset: () => new data.TensorDataset(ones([3])),
  Normal: () => new adjoint.distributions.Normal(ones([2]), 1),
  Gumbel: () => new adjoint.distributions.Gumbel(0, 1),
  Categorical: () => new adjoint.distributions.Categorical(ones([2])),
  AffineTransform: () => new adjoint.distributions.AffineTransform(0, 1),
  Constraint: () => adjoint.distributions.constraints.positive,
  ModeGuard: () => adjoint.noGrad(),
  TensorGraph: () => adjoint.graph(leaf().mul(2)),
  SavedTensorsHooks: () => autograd.graph.savedTensorsHooks((t) => t, (t: Tensor) => t),
  Profile: () => new adjoint.profiler.Profile(),
};

/** Members that are not a caller's: JavaScript's own, and what TypeScript calls private, protected or internal. */
const NOT_PUBLIC = new Set(
  ('constructor valueOf toLocaleString hasOwnProperty isPrototypeOf propertyIsEnumerable updateGroup updateParam checkOptions stateOf remembered takeStep stepWith first wrapDim flag ' +
    'dropGrad pass finish forgetNoted handles uncover made gone disposalOf passAll openAgain leave end picture next apply reprOfParts find addAll closedForm setRates indexAt goTo average around checkInput normalized').split(' '),
);

/** What has functions of the package; instances, as `constraints.positive`, have methods, which need them as receivers. */
function isNamespace(value: unknown): value is object {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

function callables(): [name: string, call: Call][] {
  const calls: [string, Call][] = [];
  const seen = new Set<unknown>();
  const visit = (path: string, space: object): void => {
    for (const [key, value] of Object.entries(space) as [string, unknown][]) {
      if (seen.has(value) || (typeof value === 'function' && /^(reset|init|setNumThreads)$/.test(key))) continue;
      seen.add(value);
      const name = `${path}${key}`;
      if (isClass(value)) calls.push([`new ${name}`, (...args) => new value(...args)]);
      else if (typeof value === 'function') calls.push([name, value as Call]);
      else if (isNamespace(value)) visit(`${name}.`, value);
    }
  };
  visit('', adjoint);
  for (const [owner, make] of Object.entries(RECEIVERS)) {
    const names = new Set<string>();
    const first = make();
    for (let at: object = first; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
        if (typeof value === 'function' && !name.startsWith('_') && (!NOT_PUBLIC.has(name) || (name === 'apply' && first instanceof nn.Module))) names.add(name);
      }
    }
    release(first);
    for (const name of names) {
      calls.push([`${owner}.${name}`, (...args) => {
        const self = make();
        try {
          return (self as Record<string, Call>)[name]!(...args);
        } finally {
          release(self);
        }
      }]);
    }
  }
  return calls;
}

/** Ends what holds until it is ended. */
function release(value: unknown): void {
  const guard = value as { dispose?: unknown; stop?: unknown; remove?: unknown };
  for (const end of [guard.dispose, guard.stop, guard.remove]) if (typeof end === 'function') (end as Call).call(value);
}

function describeCall(name: string, args: readonly unknown[]): string {
  const shown = args.map((arg) => {
    if (typeof arg !== 'object' || arg === null) return typeof arg === 'symbol' || typeof arg === 'function' ? typeof arg : String(arg);
    return Array.isArray(arg) ? `array of ${arg.length}` : (Object.prototype.toString.call(arg));
  });
  return `${name}(${shown.join(', ')})`;
}

describe('whatever it is given, a call gives a result or an error of ours', () => {
  const calls = callables();

  it.each([1, 2, 3, 4, 5, 6])('seed %i', (seed) => {
    const next = random(seed);
    const pick = (): unknown => VALUES[Math.floor(next() * VALUES.length)]!();
    const found: string[] = [];
    for (const [name, call] of calls) {
      for (let round = 0; round < 2; round++) {
        const list = (call as unknown as { _parameters?: { names: readonly string[] } })._parameters;
        const scope = new adjoint.Scope();
        const args = Array.from({ length: Math.floor(4.5 * next()) }, pick);
        if (list !== undefined && next() < 0.5) args.splice(0, args.length, Object.fromEntries(list.names.filter(() => next() < 0.5).map((key) => [key, pick()])));
        try {
          const result = call(...args);
          if (result instanceof Promise) result.catch(() => undefined);
          else if (typeof result === 'object' && result !== null && !(result instanceof Tensor) && !args.includes(result)) release(result);
        } catch (error) {
          if (!(error instanceof AdjointError) && !(error instanceof Own)) found.push(`${describeCall(name, args)}: ${String(error)}`);
        }
        scope.dispose();
        adjoint.setGradEnabled(true);
      }
    }
    expect(found).toEqual([]);
  });

  it('also where an object answers nothing, as a revoked proxy does', () => {
    const found: string[] = [];
    // What lists its parameters, and the ops.
    const checked = calls.filter(([name, call]) => '_parameters' in call || name in ops || (/^(tensor|leaf)\./.test(name) && name.slice(name.indexOf('.') + 1) in ops));
    expect(checked.length).toBeGreaterThan(500);
    for (const [name, call] of checked) {
      for (const args of [[revoked({})], [ones([2]), revoked({})], [[revoked({})]], [{ dim: revoked({}) }], [revoked([])]]) {
        try {
          release(call(...args) ?? {});
        } catch (error) {
          if (!(error instanceof AdjointError) && !(error instanceof Own)) found.push(`${name}: ${String(error)}`);
        }
        adjoint.setGradEnabled(true);
      }
    }
    expect(found).toEqual([]);
  });
});

describe('arguments there are not', () => {
  // Of these any number is right, or JavaScript itself calls them, or a subclass writes them.
  const ANY_NUMBER = /\.(call|forward|index|run|runAll|keep|remove|stop|toJSON|toString|extraRepr|extraPadding|new\w*|repeat|tile|expand|saveForBackward|saveForForward|markDirty|markNonDifferentiable)$/;

  it.each(Object.entries(RECEIVERS))('are refused by the methods of a %s', (owner, make) => {
    // What ends something is often called with what a promise or an event gives.
    const isEnd = (name: string): boolean => name.endsWith('.dispose');
    const mine = callables().filter(([name]) => name.startsWith(`${owner}.`) && !ANY_NUMBER.test(name) && !isEnd(name));
    for (const [name, call] of mine) {
      expect(() => call(...Array.from({ length: 12 }, () => 1)), name).toThrow(AdjointError);
      expect(() => call({ nonsense: 1 }), name).toThrow(AdjointError);
    }
    release(make());
  });

  it('are refused by functions that have none', () => {
    for (const name of ['isGradEnabled', 'isInferenceModeEnabled', 'getRngState', 'resetPeakMemory', 'trackLeaks'] as const) {
      expect(() => (adjoint[name] as Call)(1), name).toThrow(/arguments by position are too many|there is no argument/);
      expect(() => (adjoint[name] as Call)({ nonsense: 1 }), name).toThrow(`${name}: there is no argument named nonsense; it has no arguments`);
    }
    expect(() => (adjoint.noGrad as Call)(5, () => 1)).toThrow(/noGrad: 2 arguments by position are too many/);
    expect(() => (adjoint.noGrad as Call)(5)).toThrow(/noGrad: fn must be a function or null, got 5/);
    expect(() => (adjoint.scope as Call)()).toThrow(/scope: argument fn is missing/);
    expect(() => (adjoint.scope as Call)(() => 1, 2)).toThrow(/scope: 2 arguments by position are too many/);
    expect(() => (adjoint.keep as Call)(tensor(1), tensor(2))).toThrow(/keep: 2 arguments by position are too many/);
  });

  it('are refused by constructors', () => {
    for (const Class of [nn.Module, adjoint.Scope, adjoint.Generator, nn.ReLU] as unknown as (new (...args: unknown[]) => unknown)[]) {
      expect(() => new Class(1, 2, 3, 4), Class.name).toThrow(adjoint.UsageError);
    }
  });
});

describe('objects that only the package makes', () => {
  it('cannot be made by calling their classes', () => {
    const classes = [
      autograd.graph.Node, adjoint.GradFn, adjoint.CapturedFunction, adjoint.ModeGuard, adjoint.MutationGuard, adjoint.SavedTensorsHooks, adjoint.SavedTensorsHooksBan,
      adjoint.AnomalyGuard, adjoint.TensorGraph, adjoint.FunctionCtx, adjoint.LeakTracker, adjoint.forwardAd.DualLevel, Tensor,
    ] as unknown as (new (...args: unknown[]) => unknown)[];
    for (const Class of classes) {
      for (const args of [[], [ones([1]), 1], [1, 1], [1, new adjoint.Scope()]]) expect(() => new Class(...args), Class.name).toThrow(/cannot be made with new/);
    }
  });

  it('are not made of their prototypes either', () => {
    const fake = Object.create(Tensor.prototype) as Tensor;
    expect(() => fake.shape).toThrow(adjoint.DisposedError);
    expect(() => ones([1]).add(fake)).toThrow(adjoint.DisposedError);
    fake.dispose();
    expect(fake.isDisposed).toBe(true);
  });

  it('except places in the graph, which are checked', () => {
    const node = leaf().mul(2).gradFn!;
    expect(new autograd.graph.GradientEdge(node, 0).outputNr).toBe(0);
    expect(() => new autograd.graph.GradientEdge({} as never, 0)).toThrow(/GradientEdge: node must be a node, got an object/);
    expect(() => new autograd.graph.GradientEdge(node, -1)).toThrow(/outputNr must be an integer of at least 0/);
    expect(() => adjoint.grad(new autograd.graph.GradientEdge(node, 7), [leaf()])).toThrow(AdjointError);
  });
});

describe('what was missing by name', () => {
  it('is there', () => {
    const x = tensor([1, 2, 3, 4]);
    const lists = (parts: readonly Tensor[]): unknown => parts.map((t) => t.tolist());
    expect(lists(adjoint.split({ tensor: x, splitSizeOrSections: 2 }))).toEqual([[1, 2], [3, 4]]);
    expect(lists(adjoint.split(x, { splitSizeOrSections: [1, 3], dim: 0 }))).toEqual([[1], [2, 3, 4]]);
    expect(lists(adjoint.split({ input: x, splitSize: 2 }))).toEqual([[1, 2], [3, 4]]);
    expect(() => adjoint.split({ tensor: x, splitSizeOrSections: 2, nonsense: 1 } as never)).toThrow(/nonsense/);
    expect(zeros([3]).setitem({ index: 1, value: 5 }).tolist()).toEqual([0, 5, 0]);
    expect(zeros([3]).setitem({ index: [0, 2], value: 5 }).tolist()).toEqual([5, 0, 5]);
    expect(() => zeros([3]).setitem({ index: 0, value: 5, nonsense: 1 } as never)).toThrow(/setitem: there is no argument named nonsense; the names are index, value/);
    expect(new adjoint.Generator({ device: 'cpu' }).manualSeed({ seed: 5 }).initialSeed()).toBe(5n);
    const net = new nn.Sequential(new nn.Linear(1, 1));
    expect(net.append({ module: new nn.ReLU() }).at({ index: -1 })).toBeInstanceOf(nn.ReLU);
    expect(net.extend({ sequential: [new nn.Tanh()] }).length).toBe(3);
    const square = (t: Tensor): Tensor => t.mul(t);
    expect(adjoint.checkpoint({ function: square, args: [x] }).tolist()).toEqual([1, 4, 9, 16]);
    expect(() => adjoint.checkpoint({ function: square, args: [x], nonsense: 1 } as never)).toThrow(/checkpoint: there is no argument named nonsense/);
    expect(adjoint.capture({ fn: square, inputs: [x] }).run(x).tolist()).toEqual([1, 4, 9, 16]);
    expect(adjoint.noGrad({ fn: () => adjoint.isGradEnabled() })).toBe(false);
    expect(adjoint.scope({ fn: () => tensor(3) }).item()).toBe(3);
  });

  it('parameter groups say what they do not have', () => {
    const params = [new nn.Parameter(ones([1]))];
    expect(() => new optim.SGD([{ params, weight_decai: 0.1 } as never])).toThrow(/SGD: a parameter group has no weight_decai; the names are params, .*weightDecay/);
    expect(() => new optim.SGD([{ params, weight_decay: 0.1, weightDecay: 0.1 } as never])).toThrow(/weight_decay and weightDecay, which are one option/);
    expect(() => new optim.Adam([{ params, nonsense: 1 } as never])).toThrow(/Adam: a parameter group has no nonsense/);
    expect(() => new optim.SGD([{ params, lr: 'fast' } as never])).toThrow(/SGD: lr must be a number of at least 0/);
    expect(() => { sgd().addParamGroup({ paramGroup: { params, momentun: 1 } as never }); }).toThrow(/momentun/);
    expect(new optim.SGD([{ params, lr: 0.5, momentum: 0.9 }]).paramGroups[0]).toMatchObject({ lr: 0.5, momentum: 0.9 });
    const resumed = new optim.SGD([{ params, lr: 0.5, initialLr: 1 } as never]);
    expect(new optim.lrScheduler.StepLR(resumed, { stepSize: 2, lastEpoch: 1 }).baseLrs).toEqual([1]);
  });

  it("a norm's p may be the text 'inf'", () => {
    const p = new nn.Parameter(ones([2]));
    p.grad = tensor([3, -4]);
    expect(nn.utils.clipGradNorm_([p], 1, 'inf').item()).toBe(4);
    expect(nn.utils.getTotalNorm([tensor([3, -4])], { normType: 'inf' }).item()).toBe(4);
    // PyTorch 2.15, from the gradient [3, -4].
    for (const [normType, norm] of [[0, 1], [-Infinity, 3], ['-inf', 3], ['2', 5], ['Infinity', 4]] as const) {
      p.grad = tensor([3, -4]);
      expect(nn.utils.clipGradNorm_([p], 1e9, normType).item()).toBe(norm);
    }
    expect(() => nn.utils.clipGradNorm_([p], 1, 'two' as never)).toThrow(/normType must be a number or 'inf'/);
    expect(() => (nn.utils.clipGradNorm_ as unknown as Call)([5], NaN)).toThrow(/parameters must be a tensor or an iterable of tensors, got the number 5 at \[0\]|got \[5\]/);
  });
});

describe('Softmax and LogSoftmax', () => {
  it('choose the dim by the number of dims where none is named', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const [shape, dim] of [[[], 0], [[3], 0], [[2, 3], 1], [[2, 2, 3], 0], [[2, 2, 2, 2], 1]] as const) {
      const x = adjoint.randn([...shape]);
      expect(new nn.Softmax().call(x).equal(x.softmax(dim))).toBe(true);
      expect(new nn.LogSoftmax({ dim: null }).call(x).equal(x.logSoftmax(dim))).toBe(true);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    expect(() => new nn.Softmax('last' as never)).toThrow(/Softmax: dim must be an integer or null/);
  });
});

describe('words for a value', () => {
  it('are found for any', () => {
    const words = (value: unknown): string => {
      try {
        (ones([1]).add as Call)(value);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    expect(words(JSON.parse('{"toString":1}'))).toMatch(/there is no argument named toString/);
    expect(words(Symbol('s'))).toMatch(/a symbol/);
    expect(words(new Foreign())).toMatch(/a Foreign/);
    expect(() => tensor(Object.defineProperty({}, 'constructor', { get: own }) as never)).toThrow(AdjointError);
    expect(() => nn.init.ones_((2n ** 100_000n) as never)).toThrow(/got a bigint of more than 64 bits/);
    expect(() => nn.init.ones_('x'.repeat(1e6) as never)).toThrow(/got the string "x{100}…"/);
    expect(() => nn.init.ones_(revoked({}) as never)).toThrow(/got an object that cannot be read/);
  });
});
