// What clone() of a module makes of the objects among its properties: PyTorch's copy.deepcopy.
import { Generator, type Tensor, UsageError, nn, ones, optim, rand } from 'adjoint';
import { describe, expect, it } from 'vitest';

class Holder<T> extends nn.Module {
  constructor(readonly held: T) {
    super();
  }
}
const copied = <T>(held: T): T => new Holder(held).clone().held;

class Config {
  sizes = [1, 2];
  weights: Tensor = ones([2]);
  self: Config = this;
  get total(): number {
    return this.sizes.reduce((a, b) => a + b, 0);
  }
}

describe('clone() copies', () => {
  it('a generator, which goes on as the original does', () => {
    const generator = new Generator().manualSeed(7);
    rand([3], { generator });
    const copy = copied(generator);
    expect(copy).not.toBe(generator);
    expect(copy.initialSeed()).toBe(7n);
    const drawn = rand([5], { generator }).tolist();
    expect(rand([5], { generator: copy }).tolist()).toEqual(drawn);
    expect(rand([5], { generator: copy }).tolist()).not.toEqual(drawn);
    generator.dispose();
    expect(rand([1], { generator: copy }).shape).toEqual([1]);
  });

  it('instances of classes, with what they hold', () => {
    const config = new Config();
    const copy = copied(config);
    expect([copy instanceof Config, copy === config, copy.self === copy]).toEqual([true, false, true]);
    copy.sizes.push(3);
    copy.weights.fill_(5);
    expect([config.total, copy.total]).toEqual([3, 6]);
    expect(config.weights.tolist()).toEqual([1, 1]);
  });

  it('instances of classes that derive from those of the language', () => {
    class Names extends Map<string, number[]> { label = ['x']; }
    class Bag extends Set<number> { add2(v: number): this { return this.add(v).add(2 * v); } }
    class Row extends Array<number[]> { get first(): number[] { return this[0]!; } }
    const names = new Names([['a', [1]]]);
    const bag = new Bag([1]);
    const row = Row.from([[1], [2]]) as Row;
    const [n, b, r] = [copied(names), copied(bag), copied(row)];
    n.get('a')!.push(2);
    n.label.push('y');
    b.add2(4);
    r.first.push(9);
    expect([names.get('a'), names.label, [...bag], row.first]).toEqual([[1], ['x'], [1], [1]]);
    expect([n, b, r].map((made) => made.constructor)).toEqual([Names, Bag, Row]);
    expect([[...b], [...r]]).toEqual([[1, 4, 8], [[1, 9], [2]]]);
  });

  it('dates, expressions, errors, buffers, and arrays with holes and names', () => {
    const error = Object.assign(new RangeError('far'), { list: [1] });
    const list: number[] & { tag?: number[] } = [1, 2, 3];
    Reflect.deleteProperty(list, 1);
    list.tag = [1];
    const held = { date: new Date(5), pattern: /a+/giu, error, buffer: new Uint8Array([1, 2]).buffer, list };
    const copy = copied(held);
    expect(copy.date).toEqual(held.date);
    expect([copy.pattern.source, copy.pattern.flags]).toEqual(['a+', 'giu']);
    copy.error.list.push(2);
    new Uint8Array(copy.buffer)[0] = 9;
    copy.list.tag!.push(2);
    expect([copy.error instanceof RangeError, copy.error.message, error.list]).toEqual([true, 'far', [1]]);
    expect([...new Uint8Array(held.buffer)]).toEqual([1, 2]);
    expect([1 in copy.list, copy.list.length, list.tag]).toEqual([false, 3, [1]]);
  });

  it('by the clone() that a class has', () => {
    class Counter {
      #n = 1;
      next(): number { return this.#n++; }
      clone(): Counter { const made = new Counter(); made.#n = this.#n; return made; }
    }
    const counter = new Counter();
    counter.next();
    const copy = copied(counter);
    expect([copy.next(), copy.next(), counter.next()]).toEqual([2, 3, 2]);
  });

  it('and keeps what was shared, and frozen objects as they are', () => {
    const shared = { v: [1] };
    const { a, b } = copied(Object.freeze({ a: shared, b: shared }));
    expect(a).toBe(b);
    expect(a).not.toBe(shared);
  });
});

describe('clone()', () => {
  it('refuses instances whose private members it could not make, naming them', () => {
    class Secret { #key = 1; read(): number { return this.#key; } }
    expect(() => copied(new Secret())).toThrow(UsageError);
    expect(() => copied({ deep: [new Secret()] })).toThrow('clone: Secret has private members (#key), which only its constructor can make; use ordinary properties, or give Secret a clone() of its own');
    expect(() => copied(new optim.SGD([ones([1])], { lr: 1 }))).toThrow(/^clone: (SGD|Optimizer) has private members/);
  });

  it('refuses iterators, which cannot say how far they are', () => {
    const count = function* (): Generator_ { yield 1; };
    expect(() => copied(count())).toThrow(/^clone: an iterator cannot be copied/);
    expect(() => copied([1][Symbol.iterator]())).toThrow(/^clone: an iterator cannot be copied/);
  });

  it('hands on functions and what the host made', () => {
    const held = { f: () => 1, url: new URL('http://a/'), later: Promise.resolve(1), weak: new WeakMap() };
    const copy = copied(held);
    expect(copy).not.toBe(held);
    expect([copy.f, copy.url, copy.later, copy.weak]).toEqual([held.f, held.url, held.later, held.weak]);
    expect(copy.url).toBe(held.url);
  });

  it('leaves a class as it was: fields of later instances are looked at', () => {
    class Net extends nn.Module { fc = new nn.Linear(1, 1); }
    const net = new Net();
    expect(net.clone().parameters().length).toBe(2);
    const later = new Net();
    ones([1]);
    expect(() => { later.fc = ones([1]) as never; }).toThrow(/cannot assign 'Tensor' as child module 'fc'/);
  });
});

type Generator_ = globalThis.Generator<number>;
