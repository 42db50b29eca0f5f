// Files of PyTorch, safetensors and NumPy are read as their own libraries read them, bit for bit.
import { FormatError, type Tensor, io, load, memoryStats, nn } from 'adjoint';
import { describe, expect, it } from 'vitest';
import { bytesOf, described, fixture, recorded, withTextKeys } from './contents';

const readers: Record<string, (source: URL | Uint8Array) => unknown> = {
  pt: load,
  safetensors: io.loadSafetensors,
  npy: io.loadNpy,
  npz: io.loadNpz,
};
const readerOf = (name: string) => readers[name.split('.').at(-1)!]!;

describe('a recorded file holds what its own library reads from it', () => {
  it.each(Object.keys(recorded))('%s', (name) => {
    const expected = withTextKeys(recorded[name]);
    expect(described(readerOf(name)(fixture(name)))).toEqual(expected);
    expect(described(readerOf(name)(bytesOf(name)))).toEqual(expected);
  });
});

describe('a file of PyTorch', () => {
  it('has tensors that share memory where they shared a storage, and are no views of each other', () => {
    for (const name of ['shared.pt', 'legacy.pt']) {
      const { base, matrix, transposed, column, tail } = load<Record<'base' | 'matrix' | 'transposed' | 'column' | 'tail', Tensor>>(fixture(name));
      base.fill_(5);
      for (const t of [matrix, transposed, column, tail]) {
        expect(new Set(t.reshape([-1]).tolist() as number[])).toEqual(new Set([5]));
        expect(t._base).toBe(null);
      }
      expect(tail.dataPtr()).toBe(base.dataPtr() + 32);
      expect(base.mul_(2)._version).toBeGreaterThan(tail._version);
    }
  });

  it('has one object for what is one object: tied weights stay tied', () => {
    const { a, b, alias } = load<Record<string, Tensor>>(fixture('tied.pt'));
    expect(a).toBe(b);
    expect(a).toBeInstanceOf(nn.Parameter);
    expect(a!.requiresGrad).toBe(true);
    expect(alias!.dataPtr()).toBe(a!.dataPtr());
    const { tied } = load<{ tied: Tensor[] }>(fixture('legacy-model.pt'));
    expect(tied[0]).toBe(tied[1]);
  });

  it('has a state dict that a module takes, with its metadata beside the entries', () => {
    const { model, optimizer } = load(fixture('model.pt'));
    const net = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
    expect(net.loadStateDict(model)).toMatchObject({ missingKeys: [], unexpectedKeys: [] });
    expect(Object.keys(model)).toContain('1.num_batches_tracked');
    expect(model._metadata['1']).toEqual({ version: 2 });
    expect(optimizer.state[0].exp_avg.shape).toEqual([2, 3]);
    expect(optimizer.param_groups[0].lr).toBe(0.01);
  });

  it('has lists that hold themselves', () => {
    const list = load<[number, unknown, { self: unknown }]>(fixture('cyclic.pt'));
    expect(list[1]).toBe(list);
    expect(list[2].self).toBe(list);
  });

  it('keeps __proto__ a key like any other', () => {
    const nested = load(fixture('nested.pt'));
    expect(Object.getPrototypeOf(nested)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(nested, '__proto__')!.value).toEqual({ polluted: true });
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined);
  });

  it.each([
    ['module', /torch\.nn\.modules\.linear\.Linear is not allowed: .*save its state dict, torch\.save\(model\.state_dict\(\), path\)/],
    ['function', /(builtins|__builtin__)\.len is not allowed/],
    ['object', /__main__\.Net is not allowed: .*save its state dict/],
    ['sparse', /_rebuild_sparse_tensor is not allowed: .*to_dense/],
    ['complex', /torch\.ComplexFloatStorage is not allowed: the dtypes that can be loaded are float32/],
  ])('that holds a %s is refused by its name', (name, message) => {
    for (const file of [`refused-${name}.pt`, `refused-${name}-legacy.pt`]) {
      const before = memoryStats().tensors;
      expect(() => load(fixture(file))).toThrow(FormatError);
      expect(() => load(fixture(file))).toThrow(message);
      expect(() => load(fixture(file))).toThrow(/at byte \d+/);
      expect(memoryStats().tensors).toBe(before);
    }
  });

  it('may ask for no device but the CPU, and for whatever weightsOnly', () => {
    expect(load(fixture('cuda.pt'), { mapLocation: 'cpu', weightsOnly: false }).x.device).toBe('cpu');
    expect(load(fixture('cuda.pt'), 'cpu').x.tolist()).toEqual([0, 1, 2, 3]);
    expect(() => load(fixture('cuda.pt'), { mapLocation: 'cuda' as never })).toThrow(/mapLocation must be 'cpu', got/);
  });
});

describe('a file of safetensors', () => {
  it('is opened without reading its tensors', () => {
    const file = io.openSafetensors(fixture('all.safetensors'));
    expect(file.metadata).toEqual({ format: 'pt', note: 'é' });
    expect(file.keys().sort()).toEqual(Object.keys(io.loadSafetensors(fixture('all.safetensors'))).sort());
    expect(file.has('float32')).toBe(true);
    expect(file.get('scalar').item()).toBe(3);
    expect(file.get({ name: 'bool' }).tolist()).toEqual([[true, false], [false, true]]);
    expect(() => file.get('nothing')).toThrow(/there is no tensor "nothing"/);
  });
});

describe('an array of NumPy', () => {
  it.each([
    ['object', /"\|O" cannot be read/],
    ['text', /"<U1" cannot be read/],
    ['complex', /"<c8" cannot be read; convert it in NumPy: a\.real and a\.imag/],
    ['unsigned', /"<u4" cannot be read; convert it in NumPy: a\.astype\('int64'\)/],
  ])('of %s is refused', (name, message) => {
    expect(() => io.loadNpy(fixture(`refused-${name}.npy`))).toThrow(FormatError);
    expect(() => io.loadNpy(fixture(`refused-${name}.npy`))).toThrow(message);
  });
});
