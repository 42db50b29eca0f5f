// PyTorch's settings of a whole program. What they choose between has one choice here: each says so, takes what holds, and tells it.
import { isCpu, type DType, type Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { boolean, dtype, kind, word } from '../core/kinds';
import { named, nothing, parameters, type Arguments, type Stated } from '../core/options';

/** The dtype of numbers where none is given: float32. Source: PyTorch, `torch.get_default_dtype`. */
export const getDefaultDtype: Stated & (() => DType) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('getDefaultDtype'), () => 'float32');

/**
 * Takes float32, which is the default dtype here; any other is an error that says what to do. Source: PyTorch,
 * `torch.set_default_dtype`.
 */
export const setDefaultDtype: Stated & ((...args: Arguments<{ d: DType }, ['d']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ d: DType }>('setDefaultDtype', () => ({ d: dtype })),
  ({ d }) => {
    if (d !== 'float32') throw new UsageError('setDefaultDtype: the default dtype is float32; pass dtype where tensors are made, and cast modules with to()', 'setDefaultDtype', { dtype: d });
  },
);

/** PyTorch's device as a word: `device('cpu')` is `'cpu'`, the one there is. Source: PyTorch, `torch.device`. */
export const device: Stated & ((...args: Arguments<{ type: Device }, ['type']>) => Device) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ type: Device }>('device', () => ({ type: cpu() })),
  ({ type }) => type,
);

const cpu = () => kind<Device>("'cpu'; Adjoint computes on the CPU", isCpu);

/** Where tensors are made: on the CPU. Source: PyTorch, `torch.get_default_device`. */
export const getDefaultDevice: Stated & (() => Device) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('getDefaultDevice'), () => 'cpu');

/** Takes `'cpu'`, where tensors are made, or null. Source: PyTorch, `torch.set_default_device`. */
export const setDefaultDevice: Stated & ((...args: Arguments<{ device: Device | null }, ['device']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ device: Device | null }>('setDefaultDevice', () => ({ device: kind<Device | null>("'cpu' or null", (value) => value === null || isCpu(value)) })),
  () => undefined,
);

/** What was set, which changes nothing that is computed. */
const chosen = { deterministic: false, warnOnly: false, matmul: 'highest', warnAlways: false };

type Deterministic = { mode: boolean; warnOnly?: boolean };

/**
 * Remembers the choice. Every function here gives the same bits for the same input and seed, whatever is chosen. Source: PyTorch,
 * `torch.use_deterministic_algorithms`.
 */
export const useDeterministicAlgorithms: Stated & ((...args: Arguments<Deterministic, ['mode']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Deterministic>('useDeterministicAlgorithms', () => ({ mode: boolean, warnOnly: boolean.or(false) }), 1),
  ({ mode, warnOnly }) => void Object.assign(chosen, { deterministic: mode, warnOnly: mode && warnOnly }),
);

/** Whether `useDeterministicAlgorithms(true)` was called. Source: PyTorch, `torch.are_deterministic_algorithms_enabled`. */
export const areDeterministicAlgorithmsEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('areDeterministicAlgorithmsEnabled'),
  () => chosen.deterministic,
);

/** Whether it was with `warnOnly`. Source: PyTorch, `torch.is_deterministic_algorithms_warn_only_enabled`. */
export const isDeterministicAlgorithmsWarnOnlyEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('isDeterministicAlgorithmsWarnOnlyEnabled'),
  () => chosen.warnOnly,
);

const MODES = ['default', 'warn', 'error'] as const;
type DebugMode = (typeof MODES)[number] | 0 | 1 | 2;

/** The same choice in one word or number: `'default'` or 0, `'warn'` or 1, `'error'` or 2. Source: PyTorch, `torch.set_deterministic_debug_mode`. */
export const setDeterministicDebugMode: Stated & ((...args: Arguments<{ debugMode: DebugMode }, ['debugMode']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ debugMode: DebugMode }>('setDeterministicDebugMode', () => ({
    debugMode: kind<DebugMode>("'default', 'warn' or 'error', or 0, 1 or 2", (value) => MODES.includes(value as 'warn') || value === 0 || value === 1 || value === 2),
  })),
  ({ debugMode }) => {
    const mode = typeof debugMode === 'number' ? debugMode : MODES.indexOf(debugMode);
    Object.assign(chosen, { deterministic: mode > 0, warnOnly: mode === 1 });
  },
);

/** The choice as a number: 0, 1 for warnings, 2 for errors. Source: PyTorch, `torch.get_deterministic_debug_mode`. */
export const getDeterministicDebugMode: Stated & (() => number) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('getDeterministicDebugMode'),
  () => (!chosen.deterministic ? 0 : chosen.warnOnly ? 1 : 2),
);

type Precision = 'highest' | 'high' | 'medium';

/**
 * Remembers the choice: how far float32 products may be rounded on devices with a choice. Here they never are. Source: PyTorch,
 * `torch.set_float32_matmul_precision`.
 */
export const setFloat32MatmulPrecision: Stated & ((...args: Arguments<{ precision: Precision }, ['precision']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ precision: Precision }>('setFloat32MatmulPrecision', () => ({ precision: word('highest', 'high', 'medium') })),
  ({ precision }) => void (chosen.matmul = precision),
);

/** The choice; `'highest'` to begin with. Source: PyTorch, `torch.get_float32_matmul_precision`. */
export const getFloat32MatmulPrecision: Stated & (() => string) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('getFloat32MatmulPrecision'),
  () => chosen.matmul,
);

/**
 * Whether numbers too small for all their digits can be made 0: they cannot, WebAssembly keeps them, so the answer is false. Source:
 * PyTorch, `torch.set_flush_denormal`.
 */
export const setFlushDenormal: Stated & ((...args: Arguments<{ mode: boolean }, ['mode']>) => false) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ mode: boolean }>('setFlushDenormal', () => ({ mode: boolean })),
  () => false,
);

/** Remembers the choice: whether a warning is given each time. Source: PyTorch, `torch.set_warn_always`. */
export const setWarnAlways: Stated & ((...args: Arguments<{ b: boolean }, ['b']>) => void) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ b: boolean }>('setWarnAlways', () => ({ b: boolean })),
  ({ b }) => void (chosen.warnAlways = b),
);

/** The choice. Source: PyTorch, `torch.is_warn_always_enabled`. */
export const isWarnAlwaysEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('isWarnAlwaysEnabled'),
  () => chosen.warnAlways,
);
