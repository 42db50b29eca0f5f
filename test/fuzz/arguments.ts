// Draws arguments: of the kinds that the declarations state, guided by the names of the parameters, and sometimes of wrong ones.
import { type Kind, type Parameter, type Signatures } from './kinds';
import { type Pool } from './pool';
import { type Step, type Value } from './program';
import { type Random } from './random';
import { drawIndices, drawShape, drawTensor, type Theme } from './shapes';
import { DTYPES } from './tensors';
import { FIXTURES } from './fixtures';

const EDGES = [2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53, -(2 ** 53), 2 ** 63, -(2 ** 63), 1e300, -1, 65536, 0.5];
const STRINGS = ['', 'mean', 'sum', 'none', 'ij,jk->ik', 'i,i->', '...ij->...ji', 'fro', 'nuc', 'float32', 'weight', 'reflect', 'nonsense', 'relu', 'fan_out', '\u{1F600}\ud800'];

/** Draws the arguments of one call. */
export class Arguments {
  /** The theme of the call that is drawn. */
  theme: Theme = { shape: [], dtype: 'float32', requiresGrad: false };

  constructor(
    private readonly random: Random,
    private readonly signatures: Signatures,
    private readonly pool: Pool,
    /** Adds a step that makes an instance of a class, and returns where it is. */
    private readonly instance: (path: string) => Value,
    /** A step for the body of a callback. */
    private readonly bodyStep: (first: Value, others: readonly Value[]) => Step,
  ) {}

  /** The arguments of an overload. */
  draw(parameters: readonly Parameter[]): Value[] {
    const args: Value[] = [];
    for (const [i, { name, kind, optional, rest }] of parameters.entries()) {
      const isLast = i === parameters.length - 1;
      if (rest) {
        for (let count = this.random.int(0, 3); count > 0; count--) args.push(this.value(kind, name));
        continue;
      }
      if (optional && this.random.chance(isLast ? 0.4 : 0.25)) {
        // Later ones can still be given: this one is then passed over.
        if (isLast || this.random.chance(0.5)) break;
        args.push({ special: 'undefined' });
      } else args.push(this.value(kind, name));
    }
    if (this.random.chance(0.01)) args.push(this.anything());
    if (this.random.chance(0.01)) args.pop();
    return args;
  }

  /** A value of a kind, for the parameter of that name. */
  value(kind: number, name: string, depth = 0): Value {
    if (this.random.chance(0.02)) return this.anything();
    const stated: Kind = this.signatures.kinds[kind]!;
    if (depth > 5) return null;
    switch (stated.is) {
      case 'tensor': return this.tensor(name);
      case 'number': return this.number(name);
      case 'bigint': return { bigint: String(this.random.pick([0n, 1n, 2n, -1n, 2n ** 63n, 2n ** 64n])) };
      case 'boolean': return this.random.chance(0.5);
      case 'string': return this.random.pick(STRINGS);
      case 'null': return null;
      case 'undefined': return { special: 'undefined' };
      case 'literal': return stated.value;
      case 'any': return this.anything();
      case 'iterable': return { list: [this.tensor(name)] };
      case 'union': return this.value(this.ofUnion(stated.of), name, depth + 1);
      case 'array': return this.array(stated.of, name, depth);
      case 'tuple': return { list: stated.of.map((part) => this.value(part, name, depth + 1)) };
      case 'record': return { object: Object.fromEntries(['a', '0.weight', 'weight'].slice(this.random.int(0, 2)).map((key) => [key, this.value(stated.of, key, depth + 1)])) };
      case 'object': return this.object(stated.members, depth);
      case 'function': return this.callback(stated.parameters);
      case 'class': return stated.name.endsWith('Array') ? { typed: stated.name, values: [1, 0, 2] } : this.instance(stated.name);
    }
  }

  private ofUnion(parts: readonly number[]): number {
    const isNothing = (part: number): boolean => ['null', 'undefined'].includes(this.signatures.kinds[part]!.is);
    const stated = parts.filter((part) => !isNothing(part));
    return stated.length === 0 || this.random.chance(0.08) ? this.random.pick(parts) : this.random.pick(stated);
  }

  tensor(name = ''): Value {
    const { random, theme } = this;
    if (/ind(ex|ices)|target|ids$/i.test(name) && random.chance(0.8)) return { tensor: drawIndices(random, theme, false) };
    if (/mask|condition/i.test(name) && random.chance(0.8)) return { tensor: drawIndices(random, theme, true) };
    if (random.chance(0.5)) {
      const isClose = random.chance(0.8);
      const found = this.pool.tensor(random, (t) => !isClose || (t.ndim === theme.shape.length && t.shape.every((size, i) => size === theme.shape[i])));
      if (found !== null) return found;
    }
    return { tensor: drawTensor(random, theme) };
  }

  private number(name: string): Value {
    const { random, theme } = this;
    if (random.chance(0.05)) return random.pick(EDGES);
    if (random.chance(0.02)) return { number: random.pick(['NaN', 'Infinity', '-Infinity', '-0']) };
    if (/dim|axis/i.test(name)) return random.int(-theme.shape.length, Math.max(theme.shape.length - 1, 0));
    if (/features|channels|embeddings|num|size|steps|count|^n$|groups|kernel|width|height/i.test(name)) return random.int(random.chance(0.1) ? -1 : 1, 4);
    if (/pad|offset|start|shift|diagonal|index/i.test(name)) return random.int(random.chance(0.2) ? -2 : 0, 2);
    if (/stride|dilation|step|chunk|sections|end|length|k$/i.test(name)) return random.int(random.chance(0.1) ? -1 : 1, 3);
    if (/^p$|prob|eps|lr|momentum|tol|beta|decay|gamma|factor|smooth/i.test(name)) return random.pick([0, 0.1, 0.5, 0.9, 1, 1e-5, 2, -0.5]);
    return random.chance(0.6) ? random.int(-3, 4) : random.pick([0.5, -1.5, 2.25, 1e-3]);
  }

  private array(of: number, name: string, depth: number): Value {
    const { random, theme } = this;
    const isOfNumbers = this.signatures.kinds[of]!.is === 'number';
    if (isOfNumbers && random.chance(0.9)) {
      if (/dims|axes|axis|dim$/i.test(name)) {
        const dims = theme.shape.map((_, i) => i).sort(() => random.next() - 0.5);
        return { list: random.chance(0.4) ? dims : dims.slice(0, random.int(0, 2)) };
      }
      if (/size|shape|repeats/i.test(name)) return { list: random.chance(0.5) ? [...theme.shape] : drawShape(random) };
      return { list: theme.shape.slice(0, random.chance(0.5) ? 6 : random.int(0, 3)).map(() => this.number(name)) };
    }
    const parts = Array.from({ length: random.chance(0.1) ? 0 : random.int(1, 3) }, () => this.value(of, name, depth + 1));
    return random.chance(0.03) ? { iterable: parts } : { list: parts };
  }

  private object(members: readonly Parameter[], depth: number): Value {
    const given = members.filter(({ optional }) => this.random.chance(optional ? 0.2 : 0.97));
    const object = Object.fromEntries(given.map(({ name, kind }) => [name, this.value(kind, name, depth + 1)]));
    if (this.random.chance(0.01)) object['nonsense'] = 1;
    return { object };
  }

  private callback(parameters: number): Value {
    const { random } = this;
    if (random.chance(0.02)) return { fn: { body: [], gives: null, throws: true } };
    const first: Value = parameters === 0 || random.chance(0.1) ? this.tensor() : { parameter: 0 };
    const body: Step[] = [];
    let last = first;
    for (let count = random.int(0, 2); count > 0; count--) {
      body.push(this.bodyStep(last, [first]));
      last = { ref: body.length - 1 };
    }
    const way = random.weighted({ last: 10, total: 8, list: 2, nothing: 2, anything: 1 });
    if (way === 'total') {
      body.push({ call: 'sum', how: 'method', on: last, args: [] });
      last = { ref: body.length - 1 };
    }
    const gives = way === 'list' ? { list: [last, first] } : way === 'nothing' ? ({ special: 'undefined' } as const) : way === 'anything' ? this.anything(true) : last;
    return { fn: { body, gives } };
  }

  /** A value of any kind at all. `isOutside` excludes what refers to steps, which mean others in the body of a function. */
  anything(isOutside = false): Value {
    const { random } = this;
    const way = random.weighted({ plain: 6, edge: 4, list: 3, object: 2, tensor: 2, fixture: 1, fn: 1, special: 2, typed: 1, dtype: 1 });
    switch (way) {
      case 'plain': return random.pick<Value>([null, true, false, 0, 1, -1, 2, 1.5, '', 'mean', { number: 'NaN' }, { bigint: '1' }]);
      case 'edge': return random.chance(0.2) ? { bigint: String(random.pick([2n ** 31n, 2n ** 63n, -(2n ** 63n), 10n ** 30n])) } : random.pick(EDGES);
      case 'list': return { list: Array.from({ length: random.int(0, 3) }, () => this.anything(isOutside)) };
      case 'object': return { object: Object.fromEntries([random.pick(['dim', 'out', 'dtype', 'nonsense', 'start', 'input', 'length', 'constructor'])].map((key) => [key, this.anything(isOutside)])) };
      case 'tensor': return isOutside ? { tensor: drawTensor(random, this.theme) } : this.tensor();
      case 'fixture': return { fixture: random.pick(Object.keys(FIXTURES)) };
      case 'fn': return { fn: { body: [], gives: null } };
      case 'special': return { special: random.pick(['undefined', 'symbol', 'date', 'null prototype'] as const) };
      case 'typed': return { typed: random.pick(['Float32Array', 'Uint8Array', 'BigInt64Array']), values: [1, 2] };
      case 'dtype': return random.pick(DTYPES);
    }
  }
}
