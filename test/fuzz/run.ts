// Runs the steps of a program.
import * as adjoint from 'adjoint';
import { type Tensor } from 'adjoint';
import { CallbackError, FIXTURES } from './fixtures';
import { type FunctionSpec, type Step, type TensorSpec, type Value } from './program';
import { watch } from './promises';
import { makeTensor } from './tensors';
import { under } from './under';

type Members = Record<string | number, unknown>;
type Call = (...args: unknown[]) => unknown;

/** What values refer to: what the steps gave so far, and the parameters of the function that runs. */
export interface Frame {
  readonly results: unknown[];
  readonly parameters: readonly unknown[];
  /** Is told of each tensor that is made for an argument. */
  readonly made?: (t: Tensor, spec: TensorSpec) => void;
}

/** What is found at a path of names. */
export function lookUp(path: string): unknown {
  return path.split('.').reduce<unknown>((holder, name) => (holder as Members)[name], adjoint);
}

/** What a value stands for. */
export function evaluate(value: Value, frame: Frame): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('ref' in value) return partOf(frame.results[value.ref], value.at ?? []);
  if ('parameter' in value) return frame.parameters[value.parameter];
  if ('number' in value) return Number(value.number);
  if ('bigint' in value) return BigInt(value.bigint);
  if ('tensor' in value) {
    const t = makeTensor(value.tensor);
    frame.made?.(t, value.tensor);
    return t;
  }
  if ('list' in value) return value.list.map((part) => evaluate(part, frame));
  if ('iterable' in value) return new Set(value.iterable.map((part) => evaluate(part, frame)));
  if ('object' in value) return Object.fromEntries(Object.entries(value.object).map(([key, part]) => [key, evaluate(part, frame)]));
  if ('typed' in value) return typedArray(value.typed, value.values);
  if ('fn' in value) return functionOf(value.fn);
  if ('constant' in value) return lookUp(value.constant);
  if ('fixture' in value) return FIXTURES[value.fixture]!();
  return SPECIAL[value.special]();
}

const SPECIAL = {
  undefined: () => undefined,
  symbol: () => Symbol('fuzz'),
  date: () => new Date(0),
  'null prototype': () => Object.create(null) as unknown,
};

function typedArray(name: string, values: readonly number[]): unknown {
  const Made = (globalThis as unknown as Record<string, new (values: readonly unknown[]) => unknown>)[name]!;
  return new Made(name.startsWith('Big') ? values.map(BigInt) : values);
}

function partOf(value: unknown, at: readonly (string | number)[]): unknown {
  return at.reduce<unknown>((holder, key) => (holder === null || holder === undefined ? undefined : (holder as Members)[key]), value);
}

/** The function that a specification describes. What it makes on the way is left to the collector, as callers do. */
function functionOf({ body, gives, throws }: FunctionSpec): Call {
  return (...parameters) => {
    if (throws) throw new CallbackError();
    const frame: Frame = { results: [], parameters };
    for (const step of body) frame.results.push(runStep(step, frame));
    return evaluate(gives, frame);
  };
}

/** Runs a step and returns what it gives. `before` is called with the receiver and the arguments of a call. */
export function runStep(step: Step, frame: Frame, before: (on: unknown, args: readonly unknown[]) => void = nothing): unknown {
  const given = perform(step, frame, before);
  watch(given);
  return given;
}

function perform(step: Step, frame: Frame, before: (on: unknown, args: readonly unknown[]) => void): unknown {
  if ('make' in step) return evaluate(step.make, frame);
  if ('dispose' in step) {
    const given = evaluate(step.dispose, frame) as { dispose?: unknown } | null | undefined;
    if (typeof given?.dispose === 'function') (given.dispose as () => void)();
    return undefined;
  }
  if ('fill' in step) return fillMemory(step.fill);
  const on = step.on === undefined ? undefined : evaluate(step.on, frame);
  const args = step.args.map((arg) => evaluate(arg, frame));
  before(on, args);
  const receiver = on as Members;
  // What a step that failed was to give is missing: there is nothing to call then.
  if (step.on !== undefined && (on === null || on === undefined)) return undefined;
  if (typeof (step.how === 'method' ? receiver[step.call] : step.on === undefined ? lookUp(step.call) : nothing) !== 'function') return undefined;
  if (step.how === 'method' && isOfLanguage(receiver)) return undefined;
  if (step.how === 'get') return receiver[step.call];
  if (step.how === 'set') return void (receiver[step.call] = args[0]);
  if (step.how === 'new') return new (lookUp(step.call) as new (...args: unknown[]) => unknown)(...args);
  const call: Call = step.how === 'method'
    ? (self, ...rest) => ((self as Members)[step.call] as Call).apply(self, rest)
    : (lookUp(step.call) as Call);
  const all = step.how === 'method' ? [receiver, ...args] : args;
  if (step.under === undefined) return call(...all);
  return under(step.under, (...given) => {
    const promised = call(...given);
    watch(promised);
    return promised;
  }, all);
}

const nothing = (): void => undefined;

/** Whether the methods are JavaScript's own, as `sort` of an array is where a tensor was expected: what they throw is not of the package. */
function isOfLanguage(receiver: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(Object(receiver));
  return ArrayBuffer.isView(receiver) || [Array, Map, Set, String, Number].some((made) => made.prototype === prototype);
}

/** Takes memory in ever smaller pieces until at most `left` bytes are free. */
function fillMemory(left: number): Tensor[] {
  const taken: Tensor[] = [];
  for (let bytes = 2 ** 23; bytes >= 2 ** 10; ) {
    try {
      taken.push(adjoint.empty([bytes], { dtype: 'uint8' }));
    } catch (error) {
      if (!(error instanceof adjoint.OutOfMemoryError)) throw error;
      bytes /= 2;
    }
  }
  for (let freed = 0; freed < left && taken.length > 0; ) {
    const piece = taken.pop()!;
    freed += piece.numel();
    piece.dispose();
  }
  return taken;
}
