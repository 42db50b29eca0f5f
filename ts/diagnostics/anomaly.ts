// Anomaly detection: which operation made the gradient that is not a number.
import { boolean } from '../core/kinds';
import { named, nothing, parameters, stating, type Arguments, type Stated } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { dispose } from '../core/symbols';
import { ANOMALY_CHECK_NAN, ANOMALY_ENABLED } from '../generated/abi';
import { setHost, wasm } from '../runtime/wasm';

const traces = new Map<number, string>();
let lastTrace = 0;

setHost({
  keepTrace() {
    traces.set(++lastTrace, callStack());
    return lastTrace;
  },
  readTrace: (key) => traces.get(key) ?? '',
  forgetTrace(key) {
    traces.delete(key);
  },
});

/** The present call stack without the frames of the WebAssembly binary and of the boundary. */
function callStack(): string {
  const constructor = Error as { stackTraceLimit?: number };
  const limit = constructor.stackTraceLimit;
  // Ten frames, the default, would be used up below the operation.
  if (limit !== undefined) constructor.stackTraceLimit = 100;
  const stack = new Error().stack ?? '';
  if (limit !== undefined) constructor.stackTraceLimit = limit;
  const isOurs = (frame: string) => /wasm-function|wasm:\/\/|__wbg_|keepTrace|callStack|^Error/.test(frame);
  return stack
    .split('\n')
    .filter((frame) => !isOurs(frame))
    .join('\n');
}

/** How gradients are looked at. */
export interface AnomalyOptions {
  /** Whether a gradient with a NaN is an error, which is the default. */
  checkNan?: boolean;
}

const DETECT = /* @__PURE__ */ parameters<AnomalyOptions>('detectAnomaly', () => ({ checkNan: boolean.or(true) }));

/** Restores the state of anomaly detection when it is disposed of. */
export class AnomalyGuard {
  declare readonly [Symbol.dispose]: () => void;
  private readonly before: number;
  private isOver = false;

  /** @internal */
  constructor(key: typeof OURS, mode: boolean, checkNan: boolean) {
    checkOurs(key, 'AnomalyGuard', 'call detectAnomaly() or setDetectAnomaly()');
    this.before = wasm().get_anomaly();
    wasm().set_anomaly((mode ? ANOMALY_ENABLED : 0) | (checkNan ? ANOMALY_CHECK_NAN : 0));
  }

  /** Restores what was before. Twice is harmless. */
  dispose(): void {
    if (this.isOver) return;
    this.isOver = true;
    wasm().set_anomaly(this.before);
  }
}

// Not a method of the class: the symbol may be a stand-in.
Object.defineProperty(AnomalyGuard.prototype, dispose, {
  value(this: AnomalyGuard) {
    this.dispose();
  },
});

/**
 * While `fn` runs, or until the returned guard is disposed of: operations remember where they were called, a derivative that
 * returns NaN is an error that names its operation, and any error in a derivative carries the call stack of the operation
 * in `details.forwardStack`. Slow; for finding bugs.
 */
export const detectAnomaly: DetectAnomaly = /* @__PURE__ */ stating(DETECT, ((...args: unknown[]): unknown => {
  const last = args.at(-1);
  const fn = typeof last === 'function' ? (last as () => unknown) : null;
  const guard = new AnomalyGuard(OURS, true, DETECT.read(fn === null ? args : args.slice(0, -1)).checkNan);
  if (fn === null) return guard;
  try {
    return fn();
  } finally {
    guard.dispose();
  }
}) as DetectAnomaly);

/** The function `detectAnomaly`. */
export interface DetectAnomaly extends Stated {
  (options?: AnomalyOptions | boolean): AnomalyGuard;
  <T>(fn: () => T): T;
  <T>(options: AnomalyOptions | boolean, fn: () => T): T;
}

/** Switches anomaly detection on or off: for good, or until the returned guard is disposed of. */
export const setDetectAnomaly: Stated & ((...args: Arguments<{ mode: boolean } & AnomalyOptions, ['mode', 'checkNan']>) => AnomalyGuard) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ mode: boolean } & AnomalyOptions>('setDetectAnomaly', () => ({ mode: boolean, checkNan: boolean.or(true) })),
  ({ mode, checkNan }) => new AnomalyGuard(OURS, mode, checkNan),
);

/** Whether anomaly detection is on. */
export const isAnomalyEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('isAnomalyEnabled'),
  () => (wasm().get_anomaly() & ANOMALY_ENABLED) !== 0,
);

/** Whether anomaly detection, where it is on, makes a NaN in a gradient an error. */
export const isAnomalyCheckNanEnabled: Stated & (() => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ nothing('isAnomalyCheckNanEnabled'),
  () => (wasm().get_anomaly() & ANOMALY_CHECK_NAN) !== 0,
);
