// Sequential and ModuleList: by position and by name, with null, and what adds, moves and removes. The values are PyTorch's.
import { describe, expect, it } from 'vitest';
import { AdjointError, IndexError, UsageError, nn, ones, tensor } from 'adjoint';

type Any = any;
const [a, r, t, e] = [new nn.Linear(1, 1), new nn.ReLU(), new nn.Tanh(), new nn.Sigmoid()];
const makers: readonly [string, () => Any][] = [
  ['ModuleList', () => new nn.ModuleList<nn.Module>([a, r, t])],
  ['Sequential', () => new nn.Sequential(a, r, t)],
];
const named = (): Any => new nn.Sequential({ fc: a, act: r, out: t });
const keys = (c: Any): string[] => c.keys();

describe.each(makers)('%s', (name, make) => {
  it('counts a module that is null, prints it and iterates over it', () => {
    const c = make();
    c[0] = null;
    expect([c.length, c.at(0), c[0], c.get('0'), [...c], keys(c)]).toEqual([3, null, null, null, [null, r, t], ['0', '1', '2']]);
    expect(String(c)).toBe(`${name}(\n  (0): null\n  (1): ReLU()\n  (2): Tanh()\n)`);
    expect([c.children(), c.namedChildren().map(([n]: [string]) => n), Object.keys(c.stateDict())]).toEqual([[r, t], ['1', '2'], []]);
    expect(c.append(null).length).toBe(4);
    expect(c.clone().length).toBe(4);
    c[0] = a;
    expect([c.length, c.at(0) === a]).toEqual([4, true]);
    expect(() => { c[1] = 5; }).toThrow(/cannot assign 'number' as child module '1'/);
  });

  it('finds a module by position and by name, and says which names there are', () => {
    const c = make();
    expect([c.get('1') === r, c.at(-1) === t, c[1] === r, c[-1] === t, c[3], c[-4], keys(c)]).toEqual([true, true, true, true, undefined, undefined, ['0', '1', '2']]);
    expect(() => c.get('fc')).toThrow(`${name}: there is no module with the name the string "fc"; the names are 0, 1, 2`);
    for (const i of [3, -4]) expect(() => c.at(i)).toThrow(IndexError);
    for (const i of [1.5, NaN]) expect(() => c.at(i)).toThrow(UsageError);
  });

  it('is numbered anew after delete', () => {
    const c = make();
    expect(delete c[0]).toBe(true);
    expect([c[0] === r, c.length, keys(c), c[1] === t, c[2]]).toEqual([true, 2, ['0', '1'], true, undefined]);
    expect(c.append(e)).toBe(c);
    expect([[...c], keys(c)]).toEqual([[r, t, e], ['0', '1', '2']]);
    const d = make();
    delete d[1];
    expect(Object.keys(d.append(a).stateDict())).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
  });

  it.each([4, 300])('is numbered anew after delete, whatever is asked first, of %i modules', (n) => {
    const many = (): nn.Module[] => Array.from({ length: n }, () => new nn.Identity());
    const modules = many();
    const c = make().extend(modules);
    const [x, y] = many();
    c.append(x);
    delete c[4];
    c.append(y);
    const order = [a, r, t, modules[0], ...modules.slice(2), x, y];
    expect([c[3] === order[3], c[4] === order[4], c[n + 3] === x, c[n + 4] === y, c[n + 5]]).toEqual([true, true, false, false, undefined]);
    expect([c[n + 2] === x, c[n + 3] === y, c.length, [...c].every((m, i) => m === order[i])]).toEqual([true, true, n + 4, true]);
  });

  it('reads the next module under a number that moved, without being asked for its length', () => {
    const c = make();
    delete c[1];
    expect([c[2], c[1] === t]).toEqual([undefined, true]);
  });

  it('takes modules out with pop()', () => {
    const c = make();
    expect([c.pop(0) === a, [...c], keys(c)]).toEqual([true, [r, t], ['0', '1']]);
    expect([c.pop(-1) === t, c.pop({ key: 0 }) === r, c.length]).toEqual([true, true, 0]);
    expect(() => c.pop(0)).toThrow(IndexError);
    expect(() => make().pop(7)).toThrow(`${name}: index 7 is out of range for 3 modules`);
    expect(() => make().pop()).toThrow('argument key is missing');
  });

  it('takes modules in with insert(), append() and extend()', () => {
    for (const [at, order] of [[0, [e, a, r, t]], [1, [a, e, r, t]], [3, [a, r, t, e]], [-1, [a, r, e, t]], [-3, [e, a, r, t]]] as const) {
      const c = make();
      expect([...c.insert(at, e)]).toEqual(order);
      expect([keys(c), c[3] === order[3]]).toEqual([['0', '1', '2', '3'], true]);
    }
    for (const at of [4, -4, -5]) expect(() => make().insert(at, e)).toThrow(IndexError);
    expect([...make().insert({ index: 1, module: e })]).toEqual([a, e, r, t]);
    expect([...make().append({ module: e })]).toEqual([a, r, t, e]);
    expect([...make().extend([e, e])]).toEqual([a, r, t, e, e]);
    expect([...make().extend(new nn.Sequential(e))]).toEqual([a, r, t, e]);
    const c = make();
    expect([...c.extend(c)]).toEqual([a, r, t, a, r, t]);
  });

  it('refuses what is no module, and stays as it was', () => {
    const c = make();
    for (const call of [
      () => c.append(5), () => c.append(), () => c.append([a]), () => c.extend(5), () => c.extend(a), () => c.extend([e, 5]), () => c.extend('ab'),
      () => c.insert(0, 5), () => c.insert('0', e), () => c.insert(0.5, e), () => { c[3] = e; }, () => { c[-4] = e; }, () => c.append(e, e), () => c.append({ modul: e }),
    ]) expect(call).toThrow(AdjointError);
    expect([...c]).toEqual([a, r, t]);
  });

  it('writes by position from the end too', () => {
    const c = make();
    c[-1] = e;
    expect([[...c], keys(c)]).toEqual([[a, r, e], ['0', '1', '2']]);
    expect(() => { c[3] = e; }).toThrow(`${name}: index 3 is out of range for 3 modules`);
  });
});

describe('a Sequential of modules with names', () => {
  it('has them as keys and properties, and by position', () => {
    const c = named();
    expect([keys(c), c.fc === a, c.get('act') === r, c[1] === r, c[-1] === t, c.at(0) === a, c.length, c[3]]).toEqual([['fc', 'act', 'out'], true, true, true, true, true, 3, undefined]);
    expect(Object.keys(c.stateDict())).toEqual(['fc.weight', 'fc.bias']);
    c[1] = e;
    expect([c.act === e, keys(c)]).toEqual([true, ['fc', 'act', 'out']]);
    expect(() => { c[0] = 5; }).toThrow("cannot assign 'number' as child module 'fc'");
    c.fc = null;
    expect([String(c), c.length]).toEqual(['Sequential(\n  (fc): null\n  (act): Sigmoid()\n  (out): Tanh()\n)', 3]);
  });

  it('appends under the position, deletes by name, and numbers anew after pop()', () => {
    const c = named();
    expect(keys(c.append(e))).toEqual(['fc', 'act', 'out', '3']);
    c.addModule('1', e);
    expect([keys(c), c.length]).toEqual([['fc', 'act', 'out', '3', '1'], 5]);
    const d = named();
    delete d.fc;
    expect([keys(d), d.length, d[0] === r]).toEqual([['act', 'out'], 2, true]);
    const p = named();
    expect([p.pop(0) === a, keys(p), p[0] === r]).toEqual([true, ['0', '1'], true]);
    expect(() => named().insert(0, e)).toThrow('insert: only modules under numbers move up, got the names fc, act, out');
    expect(keys(named().insert(3, e))).toEqual(['fc', 'act', 'out', '3']);
  });

  it('runs, copies and refuses names as any module does', () => {
    expect(named().call(ones([1, 1])).shape).toEqual([1, 1]);
    const copy = named().clone();
    expect([copy[0] === copy.fc, copy.fc === a, keys(copy)]).toEqual([true, false, ['fc', 'act', 'out']]);
    for (const bad of [{ forward: r }, { 'a.b': r }, { '': r }, { training: r }, { a: 5 }]) expect(() => new nn.Sequential(bad as Any)).toThrow(UsageError);
    expect([new nn.Sequential({}).length, String(new nn.Sequential({ a: null } as Any))]).toEqual([0, 'Sequential(\n  (a): null\n)']);
  });
});

it('a Sequential with null says which module cannot be called; without modules it returns its input', () => {
  const c: Any = new nn.Sequential(a, r);
  c[1] = null;
  expect(() => c.call(ones([1, 1]))).toThrow('Sequential: module 1 is null, which cannot be called');
  expect(new nn.Sequential().call(tensor([3])).tolist()).toEqual([3]);
  const made: Any = nn;
  expect([new made.Sequential(null, r).length, new made.ModuleList([null, r]).length]).toEqual([2, 2]);
  for (const bad of [() => new made.Sequential(5), () => new made.Sequential([a]), () => new made.ModuleList([5]), () => new made.ModuleList(a)]) expect(bad).toThrow(UsageError);
});

it("a ModuleList prints positions, as PyTorch's does, whatever the names are", () => {
  const c = new nn.ModuleList<nn.Module>([r, t]);
  c.addModule('x', new nn.Tanh());
  expect(String(c)).toBe('ModuleList(\n  (0): ReLU()\n  (1-2): 2 x Tanh()\n)');
});
