// Files that are written here: what is in them, byte for byte where it matters, and what comes back. That PyTorch, safetensors and
// NumPy read them is checked by test/fixtures/record/check_files.py.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DTypeError, type Tensor, UsageError, arange, io, load, nn, optim, save, tensor, zeros, type DType } from 'adjoint';
import { afterAll, describe, expect, it } from 'vitest';
import { described, fixture } from './contents';

const folder = mkdtempSync(join(tmpdir(), 'adjoint-files-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const there = (object: unknown): any => load(save(object));

describe('what is saved and loaded', () => {
  const all = load<Record<string, Tensor>>(fixture('dtypes.pt'));

  it.each(Object.keys(all))('%s comes back bit for bit, in every format', (name) => {
    const t = all[name]!;
    const expected = described(t);
    expect(described(there(t))).toEqual(expected);
    expect(described(io.loadSafetensors(io.saveSafetensors({ t }))['t'])).toEqual(expected);
    if (t.dtype === 'bfloat16') {
      expect(() => io.saveNpy(t)).toThrow(DTypeError);
      expect(() => io.saveNpz({ t })).toThrow(/saveNpz: NumPy has no bfloat16; save x.to\('float32'\)/);
      return;
    }
    expect(described(io.loadNpy(io.saveNpy(t)))).toEqual(expected);
    expect(described(io.loadNpz(io.saveNpz({ t }))['t'])).toEqual(expected);
  });

  it('is plain data of every kind', () => {
    const data = {
      integers: [0, 1, 255, 256, 65535, 65536, -1, -129, 2 ** 31, -(2 ** 31), 2 ** 53 - 1],
      bigints: [2n ** 53n, -(2n ** 63n), 2n ** 64n, -(2n ** 200n)],
      floats: [0.5, -0, NaN, Infinity, -Infinity, 5e-324, 1e308],
      texts: ['', 'é', '😀', '\ud800', 'x'.repeat(70_000)],
      others: [true, false, null, new Set([1, 'a']), new Uint8Array([0, 127, 128, 255])],
      map: new Map<unknown, unknown>([[1, 'one'], ['1', 'text'], [0.5, null]]),
      [`__proto__`]: 1,
      empty: [[], {}, new Map()],
    };
    const back = there(data);
    expect(Object.keys(back)).toEqual(Object.keys(data));
    expect({ ...back, empty: 0 }).toEqual({ ...data, empty: 0 });
    expect(back.floats.map((v: number) => Object.is(v, -0))).toEqual(data.floats.map((v) => Object.is(v, -0)));
    // There is one kind of empty dict.
    expect(back.empty).toEqual([[], {}, {}]);
  });

  it('is the same when it was loaded before: integer keys, metadata, ties', () => {
    for (const name of ['nested.pt', 'model.pt', 'tied.pt', 'shared.pt', 'legacy.pt']) {
      const first = load(fixture(name));
      const second = there(first);
      expect(described(second)).toEqual(described(first));
      expect(described(there(second))).toEqual(described(first));
      expect(second.model?._metadata).toEqual(first.model?._metadata);
    }
    const { a, b } = there(load(fixture('tied.pt')));
    expect(a).toBe(b);
  });

  it('shares memory where it did, and only what is reached of a storage is written', () => {
    const base = arange(1000);
    const { head, part } = there({ head: base.index({ stop: 4 }), part: base.index({ start: 2, stop: 5 }) });
    part.fill_(9);
    expect(head.tolist()).toEqual([0, 1, 9, 9]);
    expect(save(base.index({ stop: 4 })).length).toBeLessThan(2000);
  });

  it('has parameters as parameters, with or without grad', () => {
    const p = new nn.Parameter(tensor([1, 2]), false);
    const back = there([p, p, p.data, tensor([1], { requiresGrad: true })]);
    expect(back[0]).toBeInstanceOf(nn.Parameter);
    expect(back[0]).toBe(back[1]);
    expect(back[2]).not.toBeInstanceOf(nn.Parameter);
    expect(back.map((t: Tensor) => t.requiresGrad)).toEqual([false, false, false, true]);
    expect(back[2].dataPtr()).toBe(back[0].dataPtr());
  });

  it('may hold itself, and be as deep as memory allows', () => {
    const list: unknown[] = [1];
    list.push(list, { list });
    const back = there(list);
    expect(back[1]).toBe(back);
    expect(back[2].list).toBe(back);
    let deep: unknown[] = [];
    for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : [{ deep }];
    let depth = 0;
    for (let at = there(deep); at !== undefined; at = Array.isArray(at) ? at[0] : at.deep) depth++;
    expect(depth).toBe(150_001);
  });

  it('is the checkpoint of a training', () => {
    const train = (steps: number, from?: Uint8Array): [number[], Uint8Array] => {
      const model = new nn.Linear(2, 1);
      const optimizer = new optim.Adam(model.parameters(), 0.1);
      if (from !== undefined) {
        const saved = load(from);
        model.loadStateDict(saved.model);
        optimizer.loadStateDict(saved.optimizer);
      } else {
        for (const p of model.parameters()) p.data.fill_(0.5);
      }
      const losses: number[] = [];
      for (let i = 0; i < steps; i++) {
        optimizer.zeroGrad();
        const loss = model.call(tensor([[1, 2], [3, 4]])).square().sum();
        loss.backward();
        optimizer.step();
        losses.push(loss.item());
      }
      return [losses, save({ model: model.stateDict(), optimizer: optimizer.stateDict() })];
    };
    const [all] = train(6);
    const [first, checkpoint] = train(3);
    expect([...first, ...train(3, checkpoint)[0]]).toEqual(all);
  });

  it.each<[string, unknown, RegExp]>([
    ['undefined', { a: [1, undefined] }, /save: cannot save undefined at \["a"\]\[1\]; use null/],
    ['a module', { model: new nn.Linear(1, 1) }, /save: cannot save a Linear at \["model"\]; save its stateDict\(\)/],
    ['an optimizer', [new optim.SGD([tensor([1], { requiresGrad: true })], 0.1)], /cannot save a SGD at \[0\]; save its stateDict\(\)/],
    ['a function', () => 1, /cannot save a function; save tensors, numbers/],
    ['a typed array', new Float32Array(2), /cannot save a Float32Array; make a tensor of it/],
    ['a Map with an object as key', new Map([[{}, 1]]), /save: an object cannot be a key of a Map or in a Set/],
    ['a date', { when: new Date() }, /cannot save a Date at \["when"\]/],
  ])('is not %s', (_, object, message) => {
    expect(() => save(object)).toThrow(UsageError);
    expect(() => save(object)).toThrow(message);
  });

  it('is no tensor that was disposed', () => {
    const t = zeros([2]);
    t.dispose();
    expect(() => save({ t })).toThrow(/save: /);
    expect(() => io.saveNpy(t)).toThrow(/saveNpy: /);
  });
});

describe('archives', () => {
  it('have the data of storages at multiples of 64 bytes, as PyTorch has them', () => {
    const bytes = save({ a: tensor([1, 2, 3]), b: tensor([true]), c: zeros([5], { dtype: 'float64' }) });
    const view = new DataView(bytes.buffer);
    let found = 0;
    for (let at = 0; view.getUint32(at, true) === 0x04034b50; ) {
      const [size, name, extra] = [view.getUint32(at + 18, true), view.getUint16(at + 26, true), view.getUint16(at + 28, true)];
      const data = at + 30 + name + extra;
      expect(data % 64).toBe(0);
      found += 1;
      at = data + size;
    }
    expect(found).toBe(8);
  });

  it('with more than 65535 files have their numbers in 64 bits', () => {
    const names = Array.from({ length: 65_600 }, (_, i) => `t${i}`);
    const t = tensor([1], { dtype: 'int8' });
    const bytes = io.saveNpz(Object.fromEntries(names.map((name) => [name, t])));
    const path = join(folder, 'many.npz');
    writeFileSync(path, bytes);
    expect(Object.keys(io.loadNpz(path)).length).toBe(names.length);
  }, 120_000);
});

describe('safetensors', () => {
  it('has metadata, names of every kind, and all tensors aligned', () => {
    const record: Record<string, Tensor> = { 'a"\\': tensor([1]), '': tensor([true]), é: tensor([1n]), 'half': tensor([1], { dtype: 'float16' }) };
    Object.defineProperty(record, '__proto__', { value: tensor([2, 3]), enumerable: true });
    const bytes = io.saveSafetensors(record, { metadata: { format: 'pt', __proto__x: 'y' } });
    const file = io.openSafetensors(bytes);
    expect(file.metadata).toEqual({ format: 'pt', __proto__x: 'y' });
    expect(file.keys().sort()).toEqual(Object.keys(record).sort());
    expect(file.get('__proto__').tolist()).toEqual([2, 3]);
    expect(Object.getPrototypeOf(io.loadSafetensors(bytes))).toBe(Object.prototype);
    expect(io.saveSafetensors({}).length % 8).toBe(0);
  });

  it('refuses what cannot be in it', () => {
    expect(() => io.saveSafetensors({ a: 1 as never })).toThrow(/saveSafetensors: "a" must be a tensor, got the number 1/);
    expect(() => io.saveSafetensors({ __metadata__: zeros([1]) })).toThrow(/cannot have the name __metadata__/);
    expect(() => io.saveSafetensors({}, { metadata: { a: 1 as never } })).toThrow(/metadata must be texts, got the number 1 at "a"/);
    expect(() => io.saveNpz({ '../x': zeros([1]) })).toThrow(/"..\/x" is no name in an archive/);
  });
});

describe('views and strides', () => {
  it.each<DType>(['float32', 'int64', 'bfloat16'])('of %s are written as their values', (dtype) => {
    const t = arange(12).to(dtype).reshape([3, 4]).t().index({ start: 1 });
    for (const back of [there(t), io.loadSafetensors(io.saveSafetensors({ t }))['t'] as Tensor]) {
      expect(back.tolist()).toEqual(t.tolist());
      expect(back.dtype).toBe(dtype);
    }
    expect(there(t).stride()).toEqual(t.stride());
    expect(there(t).storageOffset()).toBe(t.storageOffset());
    expect(there(arange(3).unsqueeze(1).expand([3, 2])).stride()).toEqual([1, 0]);
  });
});
