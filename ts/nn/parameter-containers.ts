// Parameters in order, and by name.
import { describe } from '../core/describe';
import { IndexError, UsageError } from '../core/errors';
import { Kind, REFUSED, integer, text } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { isObject, isOptions } from '../core/plain-object';
import { Tensor } from '../tensor/tensor';
import { iterable } from '../tensor/tensor-kinds';
import { appended, endOf } from './appending';
import { ownNamed, ownParameters, type Named } from './listings';
import { Module } from './module';
import { Parameter } from './parameter';

/** What a module's representation says of a parameter. */
function repr(parameter: Parameter): string {
  const size = parameter.shape.length === 0 ? '' : ` of size ${parameter.shape.join('x')}`;
  return `Parameter containing: [${parameter.dtype}${size}]`;
}

/** A tensor as a parameter: one that is none becomes one, of the same memory. */
function parameterOf(where: string, value: unknown): Parameter {
  if (value instanceof Parameter) return value;
  if (value instanceof Tensor) return new Parameter(value);
  throw new UsageError(`${where}: expected a parameter or a tensor, got ${describe(value)}`, where);
}

const value = /* @__PURE__ */ new Kind<Tensor>('a parameter or a tensor', (v) => (v instanceof Tensor ? v : REFUSED));

const LIST = /* @__PURE__ */ parameters<{ values?: Iterable<Tensor> | null }>('ParameterList', () => ({ values: iterable.orNull() as Kind<Iterable<Tensor> | null> }));

const LIST_METHODS = {
  at: /* @__PURE__ */ parameters<{ index: number }>('at', () => ({ index: integer })),
  append: /* @__PURE__ */ parameters<{ value: Tensor }>('append', () => ({ value })),
  extend: /* @__PURE__ */ parameters<{ values: Iterable<Tensor> }>('extend', () => ({ values: iterable as Kind<Iterable<Tensor>> })),
};

/**
 * A list of parameters that are found as those of the module it belongs to; tensors that are none become parameters. It is indexed
 * as an array is, and from the end too by `list.at(-1)`.
 */
export class ParameterList extends Module implements Iterable<Parameter> {
  [index: number]: Parameter;

  /** @internal */
  static readonly _parameters = LIST;
  /** @internal */
  static override readonly _methods = { ...Module._methods, ...LIST_METHODS };

  static {
    // Bundlers rename a class whose name another one has.
    Object.defineProperty(this, 'name', { value: 'ParameterList' });
  }

  constructor(...args: Arguments<{ values?: Iterable<Tensor> | null }, ['values']>) {
    super();
    this.addAll('ParameterList', LIST.read(args).values ?? []);
  }

  /** How many there are. */
  override get length(): number {
    return ownParameters(this).length;
  }

  /** The parameter at `index`, which may count from the end. */
  at(...args: Arguments<{ index: number }, ['index']>): Parameter {
    const { index } = LIST_METHODS.at.read(args);
    const found = ownParameters(this).at(index);
    if (found !== undefined && index >= -this.length) return found[1];
    throw new IndexError(`ParameterList: index ${index} is out of range for ${this.length} parameters`, 'at', { index });
  }

  /** Adds a parameter at the end. */
  append(...args: Arguments<{ value: Tensor }, ['value']>): this {
    return this.addAll('append', [LIST_METHODS.append.read(args).value]);
  }

  /** Adds parameters at the end. */
  extend(...args: Arguments<{ values: Iterable<Tensor> }, ['values']>): this {
    return this.addAll('extend', LIST_METHODS.extend.read(args).values);
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return ownParameters(this).map(([, parameter]) => parameter)[Symbol.iterator]();
  }

  private addAll(where: string, values: Iterable<Tensor>): this {
    const all = Array.from(values, (v) => parameterOf(where, v));
    let at = endOf(this);
    for (const parameter of all) this.registerParameter(String(at++), parameter);
    appended(this, at);
    return this;
  }

  protected override reprOfParts(): Named<string>[] {
    return ownParameters(this).map(([name, parameter]) => [name, repr(parameter)]);
  }
}

/** Parameters by name: a plain object, pairs of name and parameter, a map, or another `ParameterDict`. */
export type NamedParameters = Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> | ParameterDict;

/** Pairs of name and value of what holds them. */
function pairsOf(given: unknown): unknown {
  if (given instanceof ParameterDict) return given.items();
  if (given instanceof Tensor) return REFUSED;
  if (isOptions(given)) return Object.entries(given);
  const isIterable = isObject(given) && typeof (given as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';
  const pairs = isIterable ? Array.from(given as Iterable<unknown>) : null;
  return pairs?.every((pair) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string') === true ? pairs : REFUSED;
}

const namedParameters = /* @__PURE__ */ new Kind<NamedParameters>('an object of parameters or pairs of name and parameter', pairsOf, undefined, true);

const DICT_METHODS = {
  get: /* @__PURE__ */ parameters<{ key: string }>('get', () => ({ key: text })),
  has: /* @__PURE__ */ parameters<{ key: string }>('has', () => ({ key: text })),
  set: /* @__PURE__ */ parameters<{ key: string; value: Tensor }>('set', () => ({ key: text, value })),
  setdefault: /* @__PURE__ */ parameters<{ key: string; value: Tensor }>('setdefault', () => ({ key: text, value })),
  pop: /* @__PURE__ */ parameters<{ key: string }>('pop', () => ({ key: text })),
  update: /* @__PURE__ */ parameters<{ parameters: NamedParameters }>('update', () => ({ parameters: namedParameters })),
};

/**
 * Parameters by name that are found as those of the module it belongs to; tensors that are none become parameters. A parameter is
 * `dict.get('weight')`. As in PyTorch iterating gives the names, and a name that is a property or method already is refused.
 */
export class ParameterDict extends Module implements Iterable<string> {
  /** @internal */
  static override readonly _methods = { ...Module._methods, ...DICT_METHODS };

  static {
    withoutArguments(this.prototype, 'keys values items clear popitem copy');
  }

  constructor(parameters?: NamedParameters | null);
  constructor(...args: unknown[]) {
    super();
    const where = 'ParameterDict';
    if (args.length > 1) throw new UsageError(`${where}: ${args.length} arguments by position are too many, there is one`, where);
    const [given] = args;
    const all = given === undefined || given === null ? [] : namedParameters.take(given);
    if (typeof all === 'symbol') throw new UsageError(`${where}: parameters must be ${namedParameters.expected}, got ${describe(given)}`, where);
    this.addAll(where, all as [string, Tensor][]);
  }

  /** How many there are. */
  override get length(): number {
    return ownParameters(this).length;
  }

  /** The parameter with this name. */
  get(...args: Arguments<{ key: string }, ['key']>): Parameter {
    return this.find('get', DICT_METHODS.get.read(args).key);
  }

  /** Whether there is a parameter with this name. */
  has(...args: Arguments<{ key: string }, ['key']>): boolean {
    const { key } = DICT_METHODS.has.read(args);
    return (ownNamed(this, 'parameter', key) ?? null) !== null;
  }

  /** Puts a parameter under a name, in place of the one there. */
  set(...args: Arguments<{ key: string; value: Tensor }, ['key', 'value']>): this {
    const { key, value } = DICT_METHODS.set.read(args);
    return this.addAll('set', [[key, value]]);
  }

  /** The parameter with this name, which is `value` from now on where there was none. */
  setdefault(...args: Arguments<{ key: string; value: Tensor }, ['key', 'value']>): Parameter {
    const { key, value } = DICT_METHODS.setdefault.read(args);
    if (!this.has(key)) this.addAll('setdefault', [[key, value]]);
    return this.find('setdefault', key);
  }

  /** Takes the parameter with this name out and returns it. */
  pop(...args: Arguments<{ key: string }, ['key']>): Parameter {
    const { key } = DICT_METHODS.pop.read(args);
    const found = this.find('pop', key);
    Reflect.deleteProperty(this, key);
    return found;
  }

  /** Takes the parameter that was added last out and returns its name and itself. */
  popitem(): [string, Parameter] {
    const last = this.items().at(-1);
    if (last === undefined) throw new IndexError('ParameterDict: popitem of one without parameters', 'popitem');
    Reflect.deleteProperty(this, last[0]);
    return last;
  }

  /** Puts parameters under their names. */
  update(...args: Arguments<{ parameters: NamedParameters }, ['parameters']>): this {
    return this.addAll('update', DICT_METHODS.update.read(args).parameters as unknown as [string, Tensor][]);
  }

  /** Takes all parameters out. */
  clear(): void {
    for (const name of this.keys()) Reflect.deleteProperty(this, name);
  }

  /** Another one with the same parameters. */
  copy(): ParameterDict {
    return new (this.constructor as typeof ParameterDict)(this.items());
  }

  /** The names, in the order they were added. */
  keys(): string[] {
    return ownParameters(this).map(([name]) => name);
  }

  /** The parameters, in the order of their names. */
  values(): Parameter[] {
    return ownParameters(this).map(([, parameter]) => parameter);
  }

  /** Names and parameters. */
  items(): [string, Parameter][] {
    return ownParameters(this).map(([name, parameter]) => [name, parameter]);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.keys()[Symbol.iterator]();
  }

  private addAll(where: string, pairs: readonly (readonly [string, Tensor])[]): this {
    const all = pairs.map(([name, v]) => [name, parameterOf(where, v)] as const);
    for (const [name, parameter] of all) this.registerParameter(name, parameter);
    return this;
  }

  private find(op: string, key: string): Parameter {
    const found = ownNamed(this, 'parameter', key) ?? null;
    if (found !== null) return found as Parameter;
    throw new IndexError(`ParameterDict: there is no parameter with the name ${describe(key)}; the names are ${this.keys().join(', ')}`, op, { key });
  }

  protected override reprOfParts(): Named<string>[] {
    return ownParameters(this).map(([name, parameter]) => [name, repr(parameter)]);
  }
}
