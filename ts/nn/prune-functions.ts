// The functions of `nn.utils.prune`: each prunes a parameter of a module, which it returns.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { anything, instanceOf, kind, number, text } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated } from '../core/options';
import { noGrad } from '../autograd/autograd';
import { scope } from '../runtime/scope';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { Module } from './module';
import { parametersToVector } from './parameter-vector';
import { BasePruningMethod, PruningContainer, applyTo, hasPruned, methodOf } from './prune';
import { CustomFromMask, Identity, L1Unstructured, LnStructured, RandomStructured, RandomUnstructured, amountKind, orderKind } from './prune-methods';

interface Target {
  module: Module;
  /** The name of a parameter. */
  name: string;
}

const TARGET = (): Kinds<Target> => ({ module: instanceOf<Module>('a module', () => Module), name: text });

type Prunes<T, K extends readonly unknown[]> = Stated & ((...args: Arguments<Target & T, ['module', 'name', ...K]>) => Module);

/** Counts as pruned, with a mask of all 1. */
export const identity: Prunes<unknown, []> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Target>('identity', TARGET),
  ({ module, name }) => done(module, name, new Identity()),
);

function done(module: Module, name: string, method: BasePruningMethod, scores: Tensor | null = null): Module {
  applyTo(module, name, method, scores);
  return module;
}

interface Amount {
  /** How many: a whole number, or a part of all between 0 and 1. (1 is one of them.) */
  amount: number;
}

interface Scores {
  /** What is compared in place of the parameter. */
  importanceScores?: Tensor | null;
}

/** Prunes elements at random. */
export const randomUnstructured: Prunes<Amount, ['amount']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Target & Amount>('randomUnstructured', () => ({ ...TARGET(), amount: amountKind() })),
  ({ module, name, amount }) => done(module, name, new RandomUnstructured(amount)),
);

/** Prunes the elements that are closest to 0. */
export const l1Unstructured: Prunes<Amount & Scores, ['amount', 'importanceScores']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Target & Amount & Scores>('l1Unstructured', () => ({ ...TARGET(), amount: amountKind(), importanceScores: tensor.orNull() })),
  ({ module, name, amount, importanceScores }) => done(module, name, new L1Unstructured(amount), importanceScores),
);

interface Dim {
  /** The dim whose slices are pruned. */
  dim: number;
}

/** Prunes whole slices along a dim at random. */
export const randomStructured: Prunes<Amount & Dim, ['amount', 'dim']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Target & Amount & Dim>('randomStructured', () => ({ ...TARGET(), amount: amountKind(), dim: number })),
  ({ module, name, amount, dim }) => done(module, name, new RandomStructured(amount, dim)),
);

interface Order {
  /** The order of the norm: a number, `'fro'` or `'nuc'`. */
  n: number | 'fro' | 'nuc';
}

/** Prunes the whole slices along a dim that have the smallest norms. */
export const lnStructured: Prunes<Amount & Order & Dim & Scores, ['amount', 'n', 'dim', 'importanceScores']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Target & Amount & Order & Dim & Scores>('lnStructured', () => ({
    ...TARGET(),
    amount: amountKind(),
    n: orderKind(),
    dim: number,
    importanceScores: tensor.orNull(),
  })),
  ({ module, name, amount, n, dim, importanceScores }) => done(module, name, new LnStructured(amount, n, dim), importanceScores),
);

/** Prunes where `mask` is 0. */
export const customFromMask: Prunes<{ mask: Tensor }, ['mask']> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Target & { mask: Tensor }>('customFromMask', () => ({ ...TARGET(), mask: tensor })),
  ({ module, name, mask }) => done(module, name, new CustomFromMask(mask)),
);

interface GlobalArguments {
  /** Pairs of a module and the name of a parameter of it. */
  parameters: Iterable<readonly [Module, string]>;
  /** A class of unstructured methods, made with `{ amount }`. */
  pruningMethod: new (options: { amount: number }) => BasePruningMethod;
  /** What is compared in place of a parameter: a map from modules to tensors by name. */
  importanceScores?: ReadonlyMap<Module, Readonly<Record<string, Tensor>>> | null;
  /** How many of all elements together. */
  amount: number;
}

const isPairs = (value: unknown): boolean =>
  Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair[0] instanceof Module && typeof pair[1] === 'string');

/** Prunes elements of several parameters that are compared with one another. */
export const globalUnstructured: Stated & ((...args: Arguments<GlobalArguments, ['parameters', 'pruningMethod', 'importanceScores', 'amount']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<GlobalArguments>('globalUnstructured', () => ({
    parameters: kind<Iterable<readonly [Module, string]>>('an array of pairs of a module and a name', isPairs),
    pruningMethod: anything,
    importanceScores: kind<ReadonlyMap<Module, Readonly<Record<string, Tensor>>>>('a map', (value) => value instanceof Map).orNull(),
    amount: amountKind(),
  })),
  ({ parameters: pairs, pruningMethod, importanceScores, amount }) => {
    const where = 'globalUnstructured';
    const isMethods = typeof pruningMethod === 'function' && (pruningMethod as { prototype: unknown }).prototype instanceof BasePruningMethod;
    if (!isMethods) throw new UsageError(`${where}: pruningMethod must be a class of pruning methods, got ${describe(pruningMethod)}`, where);
    const method = new pruningMethod({ amount });
    if (method.pruningType !== 'unstructured') throw new UsageError(`${where}: pruningMethod must be of unstructured methods, got ${pruningMethod.name}`, where);
    const all = [...pairs];
    const valueOf = (module: Module, name: string): Tensor => {
      const value = (module as unknown as Record<string, Tensor>)[name];
      if (value === undefined) throw new UsageError(`${where}: ${module.constructor.name} has no parameter ${describe(name)}`, where, { name });
      return value;
    };
    scope(() => {
      const masks = noGrad(() => {
        const values = all.map(([module, name]) => valueOf(module, name));
        const scores = parametersToVector(all.map(([module, name], i) => importanceScores?.get(module)?.[name] ?? values[i]!));
        const before = parametersToVector(all.map(([module, name], i) => maskOf(module, name) ?? values[i]!.newOnes(values[i]!.shape)));
        const mask = new PruningContainer(method).computeMask(scores, before);
        let at = 0;
        return values.map((value) => mask.narrow(0, at, (at += value.numel(), value.numel())).view(value.shape).clone());
      });
      all.forEach(([module, name], i) => { customFromMask(module, name, masks[i]!); });
    });
  },
);

function maskOf(module: Module, name: string): Tensor | null {
  const method = methodOf(module, name);
  return method === null ? null : (module as unknown as Record<string, Tensor>)[`${method.tensorName!}_mask`]!;
}

/** Makes a pruned parameter an ordinary one again; what was pruned stays 0. */
export const remove: Prunes<unknown, []> = /* @__PURE__ */ named(/* @__PURE__ */ parameters<Target>('remove', TARGET), ({ module, name }) => {
  const method = methodOf(module, name);
  if (method === null) throw new UsageError(`remove: ${describe(name)} of ${module.constructor.name} is not pruned`, 'remove', { name });
  method.remove(module);
  return module;
});

/** Whether a parameter of the module, or of one below, is pruned. */
export const isPruned: Stated & ((...args: Arguments<{ module: Module }, ['module']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ module: Module }>('isPruned', () => ({ module: instanceOf<Module>('a module', () => Module) })),
  ({ module }) => module.modules().some(hasPruned),
);
