// Streams of random numbers of one's own.
import { refuseInCapture } from '../core/capturing';
import { brand } from '../core/copies';
import { describe } from '../core/describe';
import type { Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { anything, device } from '../core/kinds';
import { notCloned } from '../core/not-data';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { scratch } from '../runtime/scratch';
import { dispose } from '../core/symbols';
import { wrap, type Tensor } from './tensor';
import { checked } from '../runtime/last-error';
import { instances, isStarted, wasm } from '../runtime/wasm';

const registry =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Held>(letGo);

/** An id that no generator has; that of the default one is 0. */
const NONE = 2 ** 31 - 1;

/** A stream in the instance with this number. */
interface Held {
  /** `NONE` once it was disposed: the instance gives the id to another stream then. */
  id: number;
  readonly instance: number;
}

function letGo(held: Held): void {
  const { id, instance } = held;
  held.id = NONE;
  if (isStarted() && instance === instances) wasm().generator_free(id);
}

/** The halves of a seed; negative ones wrap as PyTorch's do. */
export function seedHalves(op: string, seed: number | bigint): [high: number, low: number] {
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
    throw new UsageError(`${op}: the seed must be an integer, got ${describe(seed)}`, op);
  }
  const bits = BigInt.asUintN(64, BigInt(seed));
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
}

const NOT_CLONED = /* @__PURE__ */ notCloned('a stream of random numbers', 'start another Generator with manualSeed()');

const GENERATOR = /* @__PURE__ */ parameters<{ device?: Device | null }>('Generator', () => ({ device: device() }));

/** The parameters of the methods that take some. */
const METHODS = { manualSeed: /* @__PURE__ */ parameters<{ seed: number | bigint }>('manualSeed', () => ({ seed: anything })) };

/** A stream of random numbers beside the default one: PyTorch's `torch.Generator`, with its numbers for the same seed. */
export class Generator implements Disposable {
  /** @internal */
  static readonly _parameters = GENERATOR;
  /** @internal */
  static readonly _methods = METHODS;

  readonly #held: Held;
  #seed = 67_280_421_310_721n;

  /** @internal Makes `structuredClone` an error: the stream is not in the object. */
  readonly _notCloned: symbol = NOT_CLONED;

  constructor(...args: Arguments<{ device?: Device | null }, ['device']>) {
    GENERATOR.read(args);
    const id = wasm().generator_new(...seedHalves('Generator', this.#seed));
    this.#held = { id, instance: instances };
    registry?.register(this, this.#held, this);
  }

  static {
    brand(this.prototype);
    withoutArguments(this.prototype, 'initialSeed cloneState dispose');
  }

  /** @internal The id of the stream in the present instance; one that no stream has where it is gone. */
  get _id(): number {
    wasm();
    const { id, instance } = this.#held;
    return instance === instances ? id : NONE;
  }

  /** Where it draws: on the CPU. */
  get device(): 'cpu' {
    return 'cpu';
  }

  /** Starts the stream anew. */
  manualSeed(...args: Arguments<{ seed: number | bigint }, ['seed']>): this {
    const { seed } = METHODS.manualSeed.read(args);
    refuseInCapture('manualSeed', 'random');
    checked(wasm().generator_seed(this._id, ...seedHalves('manualSeed', seed)));
    this.#seed = BigInt.asUintN(64, BigInt(seed));
    return this;
  }

  /** The seed the stream started with. */
  initialSeed(): bigint {
    return this.#seed;
  }

  /** A generator that goes on as this one does: PyTorch's `clone_state()`. */
  cloneState(): Generator {
    const id = checked(wasm().generator_clone(this._id));
    const copy = new Generator();
    letGo(copy.#held);
    copy.#held.id = id;
    copy.#seed = this.#seed;
    return copy;
  }

  /** A stream is not data: an error that says what is. */
  toJSON(): never {
    throw new UsageError(
      'Generator: a generator cannot be written as JSON; write its initialSeed() as a string, and start another one from it with manualSeed()',
      'Generator',
    );
  }

  /** Gives the generator back. Twice is harmless. */
  dispose(): void {
    registry?.unregister(this);
    letGo(this.#held);
  }

  /** For `using` declarations. */
  [dispose](): void {
    this.dispose();
  }
}

/** The number of a generator; that of the default one for null. */
function idOf(generator: Generator | null): number {
  return generator === null ? 0 : generator._id;
}

/** 63 random bits: what PyTorch's `torch.empty((), dtype=torch.int64).random_()` draws. */
export function drawSeed(generator: Generator | null): bigint {
  refuseInCapture('Generator', 'random');
  checked(wasm().generator_bits(idOf(generator)));
  const [high = 0, low = 0] = scratch(2);
  return BigInt.asUintN(63, (BigInt(high) << 32n) | BigInt(low));
}

/** The integers below `n` in random order: `torch.randperm(n, generator=generator)`. */
export function permutation(n: number, generator: Generator | null): Tensor {
  refuseInCapture('Generator', 'random');
  return wrap(checked(wasm().generator_permutation(idOf(generator), n)));
}
