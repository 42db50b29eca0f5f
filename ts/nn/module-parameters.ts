// The parameters of a module's methods.
import type { Device, DType } from '../core/dtype';
import { anyObject, anything, boolean, callable, device, dtype, only, text } from '../core/kinds';
import { parameters, type ParameterList } from '../core/options';
import type { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import type { Module } from './module';
import type { Parameter } from './parameter';
import type { StateDict } from './state';

/** Where names start. */
export interface PrefixOptions {
  /** What stands in front of every name; nothing by default. */
  prefix?: string;
}

/** Where to look. */
export interface RecurseOptions {
  /** Whether modules below are looked at too; true by default. */
  recurse?: boolean;
}

/** What to do with what is found twice. */
export interface DuplicateOptions {
  /** Whether what is found under several paths is listed under the first only; true by default. */
  removeDuplicate?: boolean;
}

/** The arguments of `registerBuffer`. */
export interface BufferArguments {
  name: string;
  tensor: Tensor | null;
  /** Whether it belongs to the state dict; true by default. */
  persistent?: boolean;
}

/** The arguments of `stateDict`. */
export interface StateDictOptions extends PrefixOptions {
  /** Whether the tensors are the module's own, with their history, and not detached; false by default. */
  keepVars?: boolean;
}

/** The arguments of `loadStateDict`. */
export interface LoadStateDictArguments {
  stateDict: StateDict;
  /** Whether names missing here or there are an error; true by default. */
  strict?: boolean;
  /** Whether the tensors take the place of the module's: false, values are copied. */
  assign?: false;
}

/** The arguments of `to`. */
export interface ToArguments {
  /** `'cpu'`, the only device. */
  device?: Device | null;
  dtype?: DType | null;
  /** Changes nothing here. */
  nonBlocking?: boolean;
  /** A tensor whose dtype is meant. */
  tensor?: Tensor | null;
  /** The strides of what is cast: they stay as they are. */
  memoryFormat?: 'preserve_format' | null;
}

/** The arguments of what registers a hook. */
export interface HookArguments<H> {
  hook: H;
  /** Whether it runs before those that are registered already; false by default. */
  prepend?: boolean;
}

/** The arguments of `registerForwardHook`. */
export interface ForwardHookArguments<H> extends HookArguments<H> {
  /** Whether the hook gets arguments by name apart: false, they are put in their order. */
  withKwargs?: false;
  /** Whether it also runs, with the output null, where `forward` threw; false by default. */
  alwaysCall?: boolean;
}

type AnyHook = (...args: never[]) => unknown;

const hook = (where: string): ParameterList<HookArguments<AnyHook>> => parameters(where, () => ({ hook: callable, prepend: boolean.or(false) }), 0);
const stateHook = (where: string): ParameterList<{ hook: AnyHook }> => parameters(where, () => ({ hook: callable }));

/** The lists, by method. */
export const METHODS = {
  namedModules: /* @__PURE__ */ parameters<PrefixOptions & DuplicateOptions>('namedModules', () => ({ prefix: text.or(''), removeDuplicate: boolean.or(true) })),
  namedParameters: /* @__PURE__ */ parameters<PrefixOptions & RecurseOptions & DuplicateOptions>('namedParameters', () => ({
    prefix: text.or(''),
    recurse: boolean.or(true),
    removeDuplicate: boolean.or(true),
  })),
  parameters: /* @__PURE__ */ parameters<RecurseOptions>('parameters', () => ({ recurse: boolean.or(true) })),
  namedBuffers: /* @__PURE__ */ parameters<PrefixOptions & RecurseOptions & DuplicateOptions>('namedBuffers', () => ({
    prefix: text.or(''),
    recurse: boolean.or(true),
    removeDuplicate: boolean.or(true),
  })),
  buffers: /* @__PURE__ */ parameters<RecurseOptions>('buffers', () => ({ recurse: boolean.or(true) })),
  registerBuffer: /* @__PURE__ */ parameters<BufferArguments>('registerBuffer', () => ({ name: text, tensor: anything, persistent: boolean.or(true) })),
  registerParameter: /* @__PURE__ */ parameters<{ name: string; param: Parameter | null }>('registerParameter', () => ({ name: text, param: anything })),
  addModule: /* @__PURE__ */ parameters<{ name: string; module: Module | null }>('addModule', () => ({ name: text, module: anything })),
  train: /* @__PURE__ */ parameters<{ mode?: boolean }>('train', () => ({ mode: boolean.or(true) })),
  requiresGrad_: /* @__PURE__ */ parameters<{ requiresGrad?: boolean }>('requiresGrad_', () => ({ requiresGrad: boolean.or(true) })),
  zeroGrad: /* @__PURE__ */ parameters<{ setToNone?: boolean }>('zeroGrad', () => ({ setToNone: boolean.or(true) })),
  apply: /* @__PURE__ */ parameters<{ fn: (module: Module) => void }>('apply', () => ({ fn: callable })),
  to: /* @__PURE__ */ parameters<ToArguments>(
    'to',
    () => ({ device: device(), dtype: dtype.orNull(), nonBlocking: boolean.or(false), tensor: tensor.orNull(), memoryFormat: only(null, 'preserve_format') }),
    2,
  ),
  stateDict: /* @__PURE__ */ parameters<StateDictOptions>('stateDict', () => ({ prefix: text.or(''), keepVars: boolean.or(false) })),
  loadStateDict: /* @__PURE__ */ parameters<LoadStateDictArguments>('loadStateDict', () => ({ stateDict: anyObject, strict: boolean.or(true), assign: only(false) })),
  registerStateDictPreHook: /* @__PURE__ */ stateHook('registerStateDictPreHook'),
  registerStateDictPostHook: /* @__PURE__ */ stateHook('registerStateDictPostHook'),
  registerLoadStateDictPreHook: /* @__PURE__ */ stateHook('registerLoadStateDictPreHook'),
  registerLoadStateDictPostHook: /* @__PURE__ */ stateHook('registerLoadStateDictPostHook'),
  registerForwardPreHook: /* @__PURE__ */ parameters<HookArguments<AnyHook> & { withKwargs?: false }>(
    'registerForwardPreHook',
    () => ({ hook: callable, prepend: boolean.or(false), withKwargs: only(false) }),
    2,
  ),
  registerForwardHook: /* @__PURE__ */ parameters<ForwardHookArguments<AnyHook>>(
    'registerForwardHook',
    () => ({ hook: callable, prepend: boolean.or(false), withKwargs: only(false), alwaysCall: boolean.or(false) }),
    3,
  ),
  registerFullBackwardPreHook: /* @__PURE__ */ hook('registerFullBackwardPreHook'),
  registerFullBackwardHook: /* @__PURE__ */ hook('registerFullBackwardHook'),
};
