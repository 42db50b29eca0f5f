// Dual numbers by hand: PyTorch's torch.autograd.forward_ad.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { unpackAt, type UnpackedDualTensor } from './dual';
import { AutogradError, UsageError } from '../core/errors';
import { anything, integer } from '../core/kinds';
import { during, named, nothing, parameters, within, type Arguments, type Stated } from '../core/options';
import { OURS, checkOurs } from '../core/ours';
import { dispose } from '../core/symbols';
import { Tensor, wrap } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';

export type { UnpackedDualTensor };

const levels: number[] = [];

/** A number of a level; the one opened last for null. */
const level = () => integer.orNull();

const EXIT = /* @__PURE__ */ parameters<{ level?: number | null }>('exitDualLevel', () => ({ level: level() }), 1);

/** Opens a level; `exitDualLevel` closes it. `dualLevel` does both. */
export const enterDualLevel: Stated & (() => number) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('enterDualLevel'), () => {
  refuseInCapture('enterDualLevel', 'transform');
  const level = wasm().enter_dual_level();
  levels.push(level);
  return level;
});

/** Closes the level opened last: its tangents are forgotten. */
export function exitDualLevel(...args: Arguments<{ level?: number | null }, []>): void {
  const { level } = EXIT.read(args);
  const last = levels.at(-1);
  if (last === undefined) throw new AutogradError('exitDualLevel: there is no open level; call enterDualLevel() first', 'exitDualLevel');
  if (level !== null && level !== last) {
    throw new AutogradError(
      `exitDualLevel: trying to exit level ${level}, which is not the last one that was entered (${last}); exit that first`,
      'exitDualLevel',
    );
  }
  levels.pop();
  wasm().exit_dual_level();
}

/** An open level, closed when it is disposed of: `using _ = dualLevel()`. */
export class DualLevel {
  /** Its number. */
  readonly level: number;
  private isOpen = true;

  /** @internal */
  constructor(key: typeof OURS) {
    checkOurs(key, 'DualLevel', 'call dualLevel()');
    this.level = enterDualLevel();
  }

  /** Closes it. Twice is harmless. */
  dispose(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    exitDualLevel({ level: this.level });
  }

  /** The same, for `using`. */
  [dispose](): void {
    this.dispose();
  }
}

/** Runs `fn` inside a level of forward mode; without `fn`, until the returned guard is disposed of. */
export const dualLevel: DualLevelFunction = /* @__PURE__ */ named(/* @__PURE__ */ during('dualLevel'), ({ fn }) => within('dualLevel', new DualLevel(OURS), fn));

/** The function `dualLevel`. */
interface DualLevelFunction extends Stated {
  (): DualLevel;
  <T>(fn: (() => T) | { fn: () => T }): T;
}

function check(op: string, t: unknown): asserts t is Tensor {
  if (!(t instanceof Tensor)) throw new UsageError(`${op}: expected a tensor, got ${describe(t)}`, op);
  if (t._handle <= 0) throw disposedError(op, t);
}

interface UnpackArguments {
  tensor: Tensor;
  /** Which level; the innermost by default. */
  level?: number | null;
}

interface DualArguments extends UnpackArguments {
  tangent: Tensor;
}

/**
 * Gives `tensor` the tangent `tangent`, of its shape and dtype: what is computed from the result has tangents too.
 *
 * @throws AutogradError outside `dualLevel()`; ShapeError, DTypeError where the two differ.
 */
export const makeDual: Stated & ((...args: Arguments<DualArguments, ['tensor', 'tangent']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<DualArguments>('makeDual', () => ({ tensor: anything, tangent: anything, level: level() }), 1),
  ({ tensor, tangent, level }) => {
    refuseInCapture('makeDual', 'transform');
    check('makeDual', tensor);
    check('makeDual', tangent);
    return wrap(checked(wasm().make_dual(tensor._handle, tangent._handle, level ?? levels.at(-1) ?? 0)));
  },
);

/** The value and the tangent of a tensor; the tangent is null where it has none. */
export const unpackDual: Stated & ((...args: Arguments<UnpackArguments, ['tensor']>) => UnpackedDualTensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<UnpackArguments>('unpackDual', () => ({ tensor: anything, level: level() }), 1),
  ({ tensor, level }) => {
    refuseInCapture('unpackDual', 'transform');
    check('unpackDual', tensor);
    return unpackAt(tensor, level ?? levels.at(-1) ?? 0);
  },
);
