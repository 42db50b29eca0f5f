// Random programs of indexing against what PyTorch 2.15 gave: values, gradients, assignment and errors.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IndexError, DTypeError, type Tensor, grad, tensor, type IndexItem } from 'adjoint';

interface Encoded { shape: number[]; dtype: 'bool' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'float64'; data: number[] }
type Item = number | boolean | null | { slice: (number | null)[] } | { ellipsis: true } | { list: (number | boolean)[] } | { tensor: Encoded };
interface Case {
  shape: number[]; data: number[]; key: Item[];
  error?: string;
  out?: number[]; outShape?: number[]; w?: number[]; grad?: number[];
  v?: { shape: number[]; data: number[] }; set?: number[]; u?: number[]; setGrad?: [number[], number[]]; setError?: string;
  fill?: number[];
}

const { cases } = JSON.parse(readFileSync(new URL('./fixtures/indexing.json', import.meta.url), 'utf8')) as { cases: Case[] };

const dense = (shape: readonly number[], data: readonly number[], dtype: Encoded['dtype'] = 'float64'): Tensor =>
  tensor(Float64Array.from(data)).to(dtype).reshape(shape).detach();

function itemOf(item: Item): IndexItem {
  if (typeof item !== 'object' || item === null) return item;
  if ('slice' in item) return { start: item.slice[0] ?? null, stop: item.slice[1] ?? null, step: item.slice[2] ?? null };
  if ('ellipsis' in item) return '...';
  if ('list' in item) return item.list;
  return dense(item.tensor.shape, item.tensor.data, item.tensor.dtype);
}

const flat = (t: Tensor): number[] => Array.from(t.toTypedArray() as Float64Array, (v) => v + 0);

describe('indexing as PyTorch does it', () => {
  it('has 300 programs', () => { expect(cases.length).toBe(300); });

  for (const [i, c] of cases.entries()) {
    const title = `${i}: x of shape [${c.shape.join(', ')}] at ${JSON.stringify(c.key).slice(0, 120)}`;
    if (c.error !== undefined) {
      it(`${title} is an error`, () => {
        const x = dense(c.shape, c.data);
        const key = c.key.map(itemOf);
        for (const run of [() => x.index(...key), () => x.setitem(...key, 1)]) {
          let thrown: unknown;
          try { run(); } catch (error) { thrown = error; }
          expect(thrown instanceof IndexError || thrown instanceof DTypeError, c.error).toBe(true);
        }
      });
      continue;
    }
    it(title, () => {
      const x = dense(c.shape, c.data).requiresGrad_();
      const key = c.key.map(itemOf);
      const y = x.index(...key);
      expect([y.shape, flat(y)]).toEqual([c.outShape, c.out]);
      const [g] = grad(y.mul(dense(y.shape, c.w!)).sum(), [x]);
      expect(flat(g)).toEqual(c.grad);
      if (c.fill !== undefined) expect(flat(x.detach().clone().setitem(...key, 7))).toEqual(c.fill);
      if (c.v === undefined) return;
      const v = dense(c.v.shape, c.v.data).requiresGrad_();
      const z = x.mul(1);
      if (c.setError !== undefined) {
        expect(() => z.setitem(...key, v)).toThrow();
        return;
      }
      z.setitem(...key, v);
      expect(flat(z)).toEqual(c.set);
      const [gx, gv] = grad(z.mul(dense(c.shape, c.u!)).sum(), [x, v], { allowUnused: true });
      expect([gx == null ? c.setGrad![0].map(() => 0) : flat(gx), gv == null ? c.setGrad![1].map(() => 0) : flat(gv)]).toEqual(c.setGrad);
    });
  }
});
