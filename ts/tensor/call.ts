// Calls of ops. Functions and methods are closures over an op's id; what they take and return is typed by
// `generated/functions.ts` and `generated/methods.ts`, and checked on the other side of the boundary.
import { isReadable } from '../core/plain-object';
import { begin, isOptions, putArgument, putOptions, written } from './arguments';
import { describe } from '../core/describe';
import { disposedError } from '../runtime/disposed';
import { AdjointError, DisposedError, UsageError } from '../core/errors';
import {
  NUMBER_BY_VALUE,
  OP_IN_PLACE,
  RESULT_FAILED,
  RESULT_MANY,
  ROW_FACTORY,
  ROW_HAS_IN_PLACE,
  ROW_METHOD,
  SIDE_SECOND,
} from '../generated/abi';
import { ALIASES, OPS, OUTPUTS } from '../generated/table';
import { holdForJob, isLoose } from '../runtime/graph-table';
import { extraOf } from '../runtime/owner';
import { scratch } from '../runtime/scratch';
import { Tensor, wrapResult } from './tensor';
import { lastError } from '../runtime/last-error';
import { call1, call2, call2n, call3, callN, crashed } from '../runtime/wasm';

interface Row {
  readonly name: string;
  readonly id: number;
  readonly flags: number;
}

const rows: readonly Row[] = (() => {
  let id = 0;
  return OPS.split(' ').map((row) => {
    const [name = '', flags = 0, count] = row.split(':');
    const first = id;
    id += Number(count ?? 1);
    return { name, id: first, flags: Number(flags) };
  });
})();

let byName: Map<string, Row> | null = null;

function rowNamed(name: string): Row | undefined {
  byName ??= new Map(rows.map((row) => [row.name, row]));
  return byName.get(name);
}

/** The id of an op by its public name. */
export function opId(name: string): number {
  const row = rowNamed(name);
  if (row === undefined) throw new UsageError(`${name}: there is no such op`, name);
  return row.id;
}

let byId: Row[] | null = null;

/** The row of an op by its id, which is that of its first overload. */
function rowOf(op: number): Row {
  if (byId === null) {
    byId = [];
    for (const row of rows) byId[row.id] = row;
  }
  return byId[op & ~OP_IN_PLACE]!;
}

/** Names in messages, by id, of the ops that were asked for. */
const shown: string[] = [];

function nameOf(op: number): string {
  const id = op & ~OP_IN_PLACE;
  const name = (shown[id] ??= shownName(rowOf(op).name));
  return op & OP_IN_PLACE ? `${name}_` : name;
}

/** Those that other functions call have an underscore in front. */
function shownName(name: string): string {
  return name.replace(/^_/, '');
}

/** An error of op `id` as one of the function that was called, which is another name of it. */
function calledAs(error: unknown, id: number, name: string | undefined): unknown {
  const own = nameOf(id);
  if (name === undefined || !(error instanceof AdjointError) || error.op !== own || !error.message.startsWith(own)) return error;
  return new (error.constructor as typeof AdjointError)(name + error.message.slice(own.length), name, error.details);
}

/** Calls an op with one tensor. */
export function one(op: number, a: Tensor): unknown {
  let r: number;
  try {
    r = call1(op, a._handle);
  } catch (e) {
    throw crashed(e);
  }
  return r > 0 && r < RESULT_MANY ? wrapResult(r) : settle(r, [a]);
}

/** Calls an op with two tensors. */
export function two(op: number, a: Tensor, b: Tensor): unknown {
  let r: number;
  try {
    r = call2(op, a._handle, b._handle);
  } catch (e) {
    throw crashed(e);
  }
  return r > 0 && r < RESULT_MANY ? wrapResult(r) : settle(r, [a, b]);
}

/** Calls an op with three tensors. */
export function three(op: number, a: Tensor, b: Tensor, c: Tensor): unknown {
  let r: number;
  try {
    r = call3(op, a._handle, b._handle, c._handle);
  } catch (e) {
    throw crashed(e);
  }
  return r > 0 && r < RESULT_MANY ? wrapResult(r) : settle(r, [a, b, c]);
}

/** Calls an op with a tensor and a number, which may stand for a tensor or be an argument of another kind. */
export function withNumber(op: number, a: Tensor, value: number): unknown {
  let r: number;
  try {
    r = call2n(op, a._handle, value, NUMBER_BY_VALUE, SIDE_SECOND);
  } catch (e) {
    throw crashed(e);
  }
  return r > 0 && r < RESULT_MANY ? wrapResult(r) : settle(r, [a]);
}

/** Calls an op with any arguments, the last of which may be an object of arguments by name. */
export function many(op: number, receiver: Tensor | null, args: ArrayLike<unknown>, isFactory: boolean): unknown {
  try {
    return callMany(op, receiver, args, isFactory);
  } catch (error) {
    throw unreadable(nameOf(op), error, args);
  }
}

function callMany(op: number, receiver: Tensor | null, args: ArrayLike<unknown>, isFactory: boolean): unknown {
  const name = nameOf(op);
  begin();
  if (receiver !== null) putArgument(name, receiver);
  let count = args.length;
  const last = count > 0 ? args[count - 1] : undefined;
  let options = isOptions(last) ? last : null;
  if (options !== null) count -= 1;
  if (options !== null && 'inplace' in options && (rowOf(op).flags & ROW_HAS_IN_PLACE) !== 0) {
    const { inplace, ...others } = options;
    if (typeof inplace !== 'boolean') throw new UsageError(`${name}: argument inplace must be true or false, got ${describe(inplace)}`, name);
    if (inplace) op |= OP_IN_PLACE;
    options = others;
  }
  for (let i = 0; i < count; i++) {
    if (isOptions(args[i])) throw new UsageError(`${name}: an object of arguments by name must be the last argument`, name);
    putArgument(name, args[i]);
  }
  if (options !== null) putOptions(name, options, isFactory);
  let r: number;
  try {
    r = callN(op, written());
  } catch (e) {
    throw crashed(e);
  }
  const result = r > 0 && r < RESULT_MANY ? wrapResult(r) : settle(r, tensorsOf(receiver, args, options));
  if (isFactory && options?.['requiresGrad'] !== undefined && result instanceof Tensor) result.requiresGrad = options['requiresGrad'] as boolean;
  return result;
}

/** The tensors of a call, the one that may itself be the result first. */
function tensorsOf(receiver: Tensor | null, args: ArrayLike<unknown>, options: Record<string, unknown> | null): Tensor[] {
  const found = receiver === null ? [] : [receiver];
  for (let i = 0; i < args.length; i++) if (args[i] instanceof Tensor) found.push(args[i] as Tensor);
  if (options === null) return found;
  const first = options['input'] ?? options['x'] ?? options['a'] ?? options['x1'];
  for (const value of [first, ...Object.values(options)]) if (value instanceof Tensor) found.push(value);
  return found;
}

/** What a call returns when that is not one new tensor. */
function settle(result: number, tensors: readonly Tensor[]): unknown {
  if (result === RESULT_FAILED) throw failure(tensors);
  // Written in place, a tensor may lead to hooks it did not lead to before.
  if (result <= 0 && isLoose) holdForJob();
  if (result <= 0) return result === 0 ? tensors[0] : viewOf(tensors[0], -result);
  const words = scratch(0);
  const count = words[0]!;
  // Wrapping calls nothing, so the words stay.
  const outputs: Tensor[] = [];
  for (let i = 1; i <= count; i++) outputs.push(words[i]! < 0 ? viewOf(tensors[0], -words[i]!) : wrapResult(words[i]!));
  const names = OUTPUTS[result - RESULT_MANY];
  return names === undefined ? outputs : new NamedOutputs(names, outputs);
}

/** The object for a view, whose base is most likely `source` or the base of that. */
function viewOf(source: Tensor | undefined, handle: number): Tensor {
  const t = wrapResult(handle);
  if (source !== undefined) extraOf(t).of = source._extra?.of ?? source;
  return t;
}

/** The outputs of an op that has several, by name and in order. */
export class NamedOutputs implements Iterable<Tensor> {
  [name: string]: unknown;

  constructor(names: string, outputs: readonly Tensor[]) {
    names.split(' ').forEach((name, i) => (this[name] = outputs[i]));
  }

  [Symbol.iterator](): Iterator<Tensor> {
    return (Object.values(this) as Tensor[])[Symbol.iterator]();
  }
}

// PyTorch's `x.max(0)[0]`; not among the keys, which are the names.
for (let i = 0; i < 4; i++) {
  Object.defineProperty(NamedOutputs.prototype, i, {
    get(this: NamedOutputs) {
      return Object.values(this)[i];
    },
  });
}

function failure(tensors: readonly Tensor[]): unknown {
  const error = lastError();
  if (!(error instanceof DisposedError)) return error;
  const gone = tensors.find((t) => t._handle <= 0);
  return gone === undefined ? error : disposedError(error.op, gone);
}

/** What a call throws: where an argument answers nothing, as a revoked proxy does, an error of ours that says so. */
function unreadable(op: string, error: unknown, args: ArrayLike<unknown>): unknown {
  return error instanceof TypeError && !Array.from(args).every((arg) => isReadable(arg) && (typeof arg !== 'object' || Object.values(arg ?? {}).every(isReadable)))
    ? new UsageError(`${op}: cannot use an object that cannot be read as an argument`, op)
    : error;
}

/** The free function of op `id`; `isFactory` functions take `requiresGrad` on top. `alias` is the name of one that has another. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the generated callers know the signature
export function bind<F>(id: number, isFactory = false, alias?: string): F {
  return function (a?: unknown, b?: unknown, c?: unknown): unknown {
    try {
      if (a instanceof Tensor) {
        switch (arguments.length) {
          case 1:
            return one(id, a);
          case 2:
            if (b instanceof Tensor) return two(id, a, b);
            if (typeof b === 'number') return withNumber(id, a, b);
            break;
          case 3:
            if (b instanceof Tensor && c instanceof Tensor) return three(id, a, b, c);
            break;
        }
      }
      // eslint-disable-next-line prefer-rest-params -- a rest parameter would make an array at every call, also on the fast paths
      return many(id, null, arguments, isFactory);
    } catch (error) {
      // eslint-disable-next-line prefer-rest-params -- as above
      throw unreadable(alias ?? nameOf(id), calledAs(error, id, alias), arguments);
    }
  } as F;
}

/** The method of op `id`; `isAlias` where `name` is another one of it. */
function method(id: number, name: string, isFactory = false, isAlias = false): (this: Tensor, ...args: unknown[]) => unknown {
  return function (this: Tensor, a?: unknown, b?: unknown): unknown {
    if (!(this instanceof Tensor)) {
      throw new UsageError(`${name}: must be called on a tensor, got ${describe(this)}`, name);
    }
    try {
      switch (arguments.length) {
        case 0:
          return one(id, this);
        case 1:
          if (a instanceof Tensor) return two(id, this, a);
          if (typeof a === 'number') return withNumber(id, this, a);
          break;
        case 2:
          if (a instanceof Tensor && b instanceof Tensor) return three(id, this, a, b);
          break;
      }
      // eslint-disable-next-line prefer-rest-params -- as above
      return many(id, this, arguments, isFactory);
    } catch (error) {
      // eslint-disable-next-line prefer-rest-params -- as above
      throw unreadable(name, isAlias ? calledAs(error, id, name) : error, arguments);
    }
  };
}

/**
 * Gives tensors the methods of the table; those the class writes itself come first.
 *
 * They lie on an object of their own behind the prototype. V8 makes an object without a prototype a hash table, and adding
 * 700 methods to one takes 1 ms; added to the prototype, whose layout each of them changes, they take 20.
 */
export function installMethods(): void {
  const methods = Object.create(null) as object;
  const add = (name: string, id: number, isFactory = false, isAlias = false) =>
    void Object.defineProperty(methods, name, { value: method(id, name, isFactory, isAlias), configurable: true, writable: true });
  for (const { name, id, flags } of rows) {
    if (flags & ROW_METHOD) add(name, id, (flags & ROW_FACTORY) !== 0);
    if (flags & ROW_HAS_IN_PLACE) add(`${name}_`, id | OP_IN_PLACE);
  }
  for (const pair of ALIASES.split(' ')) {
    const [alias, name] = pair.split('=') as [string, string];
    const { id, flags } = rowNamed(name)!;
    add(alias, id, false, true);
    if (flags & ROW_HAS_IN_PLACE) add(`${alias}_`, id | OP_IN_PLACE, false, true);
  }
  Object.setPrototypeOf(methods, Object.prototype);
  Object.setPrototypeOf(Tensor.prototype, methods);
}
