// Trading time for memory: PyTorch's torch.utils.checkpoint.
import { isGradEnabled } from './autograd';
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { UsageError } from '../core/errors';
import { reentrant } from './checkpoint-reentrant';
import { mapLeaves, mapTensors, tensorsIn } from '../tensor/tree';
import { anything, boolean, callable, integerFrom, kind, list, only, word, type Kind } from '../core/kinds';
import { named, parameters, type Arguments, type Kinds, type Stated, type Values } from '../core/options';
import { isOptions } from '../core/plain-object';
import { takeOptions } from '../core/trailing-options';
import { CALLBACK_THREW } from '../generated/abi';
import { scope, scoped } from '../runtime/scope';
import { scratch } from '../runtime/scratch';
import { wrap, type Tensor } from '../tensor/tensor';
import { iterableOf, tensor } from '../tensor/tensor-kinds';
import { checked, rememberThrown } from '../runtime/last-error';
import { setHost, wasm } from '../runtime/wasm';

/** The options of `checkpoint`. */
export interface CheckpointOptions {
  /** Whether random numbers drawn by the function are the same in the second run. */
  preserveRngState?: boolean;
  /**
   * PyTorch's older variant: the function runs without recording, and backward runs it again and differentiates that graph, so it works
   * in `backward()` only, not in `grad()`, for arguments that are tensors themselves, and without gradients of gradients. Off
   * by default.
   */
  useReentrant?: boolean;
  /** Whether the second run ends, by an error thrown through the function, once all that backward needs is there. On by default. */
  earlyStop?: boolean;
  /** How the second run is compared with the first: `'default'`, by shape and dtype, or `'none'`, which is taken as that. */
  determinismCheck?: 'default' | 'none';
  /** Not supported: errors name the tensors that differ anyway. */
  debug?: false;
  /** Not supported: hooks on saved tensors are those around the call. */
  contextFn?: null;
}

const OPTION_KINDS = (): Kinds<CheckpointOptions> => ({
  useReentrant: boolean.or(false),
  preserveRngState: boolean.or(true),
  contextFn: only(null),
  determinismCheck: word('default', 'none').or('default'),
  debug: only(false),
  earlyStop: boolean.or(true),
});

interface ByName extends CheckpointOptions {
  function: (...args: never[]) => unknown;
  args?: readonly unknown[];
}

const BY_NAME = /* @__PURE__ */ parameters<ByName>('checkpoint', () => ({ function: callable, args: list('arguments', anything).or([]), ...OPTION_KINDS() }), 8);

const CHECKPOINT = /* @__PURE__ */ parameters('checkpoint', OPTION_KINDS);

/** A function that may run again. The tensors among its arguments are kept on the other side of the boundary. */
interface Frame {
  readonly fn: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
}

const frames = new Map<number, Frame>();
let lastId = 0;

setHost({
  replay(id, count) {
    try {
      const handles = Array.from(scratch(0).subarray(0, count));
      const { fn, args } = frames.get(id)!;
      scope(() => {
        const inputs = handles.map((h) => wrap(h));
        fn(...(mapPlaceholders(args, inputs) as never[]));
      });
      return 0;
    } catch (error) {
      rememberThrown(error);
      return CALLBACK_THREW;
    }
  },
  forgetReplay(id) {
    frames.delete(id);
  },
});

/** Stands for a tensor in kept arguments. */
class Placeholder {
  constructor(readonly index: number) {}
}

function mapPlaceholders(value: unknown, inputs: readonly Tensor[]): unknown {
  return mapLeaves(value, (leaf) => (leaf instanceof Placeholder ? inputs[leaf.index] : leaf));
}

/**
 * Runs `fn(...args)` without keeping what backward needs of its inside; backward runs `fn` again to get it. The arguments are
 * kept, tensors may also stand in arrays and objects, and `fn` may use other tensors too, such as parameters; those it uses
 * must be the same in the second run. Intermediate tensors of `fn` are released when it returns.
 *
 * The gradients are those of the plain call, bit by bit, with `createGraph` too, and checkpoints nest. Random numbers are
 * drawn again as they were unless `preserveRngState` is false. Options come as an object after the arguments. PyTorch's
 * `torch.utils.checkpoint.checkpoint`, with `use_reentrant=False` unless `useReentrant` is true.
 *
 * @throws AutogradError during backward where the second run saved other tensors than the first.
 */
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R, ...args: [...A, options: CheckpointOptions]): R;
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R;
export function checkpoint<A extends unknown[], R>(options: CheckpointOptions & { function: (...args: A) => R; args?: A }): R;
export function checkpoint(fn: unknown, ...given: unknown[]): unknown {
  if (isOptions(fn) && given.length === 0) {
    const { function: named, args: its, ...rest } = BY_NAME.read([fn]);
    return run(named, its, rest);
  }
  if (typeof callable.take(fn) === 'symbol') throw new UsageError(`checkpoint: the first argument must be a function, got ${describe(fn)}`, 'checkpoint');
  const [args, options] = takeOptions(given, CHECKPOINT);
  return run(fn as (...args: never[]) => unknown, args, options);
}

function run(fn: (...args: never[]) => unknown, args: readonly unknown[], options: Values<CheckpointOptions>): unknown {
  refuseInCapture('checkpoint', 'checkpoint');
  if (options.useReentrant) return reentrant(fn, args, options.preserveRngState);
  if (!isGradEnabled()) return scoped('checkpoint', () => fn(...(args as never[])));
  const tensors = tensorsIn(args, 'checkpoint');
  for (const t of tensors) if (t._handle <= 0) throw disposedError('checkpoint', t);
  let next = 0;
  const id = ++lastId;
  const kept = mapTensors(args, () => new Placeholder(next++)) as unknown[];
  scratch(tensors.length).set(tensors.map((t) => t._handle));
  checked(wasm().checkpoint_start(id, tensors.length, options.preserveRngState ? 1 : 0, options.earlyStop ? 1 : 0));
  frames.set(id, { fn, args: kept });
  try {
    return scoped('checkpoint', () => fn(...(args as never[])));
  } finally {
    wasm().checkpoint_end();
  }
}

/** One stage of a chain: a function or a module. */
export type Stage = ((x: Tensor) => Tensor) | { call(x: Tensor): Tensor };

function chain(stages: readonly Stage[]): (x: Tensor) => Tensor {
  return (x) => stages.reduce((value, stage) => (typeof stage === 'function' ? stage(value) : stage.call(value)), x);
}

interface ChainArguments extends CheckpointOptions {
  /** The stages, in order. */
  functions: Iterable<Stage>;
  /** What goes into the first. */
  input: Tensor;
}

interface SegmentsArguments extends ChainArguments {
  /** How many parts the chain is run in. */
  segments: number;
}

const isStage = (value: unknown): boolean =>
  typeof value === 'function' ? typeof callable.take(value) !== 'symbol' : typeof (value as { call?: unknown } | null)?.call === 'function';

/** The stages of a chain: anything that can be gone through. */
const stages = (): Kind<Iterable<Stage>> => iterableOf('functions or modules', kind<Stage>('a function or a module', isStage));

/**
 * Runs a chain of functions or modules (an array or `nn.Sequential`) in `segments` parts, all but the last as checkpoints:
 * what is kept is the input of each part. PyTorch's `torch.utils.checkpoint.checkpoint_sequential`.
 */
export const checkpointSequential: Stated & ((...args: Arguments<SegmentsArguments, ['functions', 'segments', 'input']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<SegmentsArguments>('checkpointSequential', () => ({ functions: stages(), segments: integerFrom(1), input: tensor, ...OPTION_KINDS() }), 6),
  ({ functions, segments, input, ...options }) => inSegments([...functions], segments, input, options),
);

/**
 * `checkpointSequential` with √n segments for n functions, which for stages of equal size keeps the least: about 2√n values
 * instead of n, for one more run of each (Chen, Xu, Zhang, Guestrin, "Training deep nets with sublinear memory cost", 2016).
 */
export const checkpointSqrt: Stated & ((...args: Arguments<ChainArguments, ['functions', 'input']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ChainArguments>('checkpointSqrt', () => ({ functions: stages(), input: tensor, ...OPTION_KINDS() }), 6),
  ({ functions, input, ...options }) => {
    const list = [...functions];
    return inSegments(list, Math.max(1, Math.round(Math.sqrt(list.length))), input, options);
  },
);

function inSegments(list: readonly Stage[], segments: number, input: Tensor, options: Values<CheckpointOptions>): Tensor {
  refuseInCapture('checkpointSequential', 'checkpoint');
  if (segments > Math.max(1, list.length)) {
    throw new UsageError(
      `checkpointSequential: segments must be an integer between 1 and the number of functions, ${list.length}, got ${segments}`,
      'checkpointSequential',
    );
  }
  const size = Math.floor(list.length / segments);
  return scope(() => {
    let x = input;
    for (let i = 0; i < segments - 1; i++) x = run(chain(list.slice(i * size, (i + 1) * size)), [x], options) as Tensor;
    return chain(list.slice((segments - 1) * size))(x);
  });
}
