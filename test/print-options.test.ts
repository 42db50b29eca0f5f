// setPrintOptions: PyTorch's texts for its options.
import { afterEach, describe, expect, it } from 'vitest';
import { arange, setPrintOptions, tensor, zeros } from 'adjoint';

const f64 = { dtype: 'float64' } as const;
afterEach(() => { setPrintOptions({ profile: 'default' }); });

// What PyTorch 2.15 prints, with JavaScript's names.
describe('setPrintOptions()', () => {
  it('precision, ties to even', () => {
    setPrintOptions(2);
    expect(String(tensor([1.12345, 0.125, 0.375], f64))).toBe('tensor([1.12, 0.12, 0.38], dtype=float64)');
    setPrintOptions({ precision: 0 });
    expect(String(tensor([0.5, 1.5, 2.5, -0.5], f64))).toBe('tensor([ 0,  2,  2, -0], dtype=float64)');
    expect(String(tensor([0.5, 15000], f64))).toBe('tensor([5e-01, 2e+04], dtype=float64)');
    setPrintOptions({ precision: 10 });
    expect(String(tensor([0.1, 1 / 3], f64))).toBe('tensor([0.1000000000, 0.3333333333], dtype=float64)');
    setPrintOptions({ precision: 30 });
    expect(String(tensor(0.1, f64))).toBe('tensor(0.100000000000000005551115123126, dtype=float64)');
  });

  it('threshold and edgeitems', () => {
    setPrintOptions({ threshold: 5 });
    expect(String(arange(10))).toBe('tensor([0, 1, 2,  ..., 7, 8, 9])');
    setPrintOptions({ edgeitems: 1 });
    expect(String(arange(10))).toBe('tensor([0,  ..., 9])');
    expect(String(zeros(3, 3))).toBe('tensor([[0.,  ..., 0.],\n        ...,\n        [0.,  ..., 0.]])');
    setPrintOptions({ edgeitems: 0 });
    expect(String(arange(10))).toBe('tensor([...], size=[10])');
    setPrintOptions({ profile: 'full' });
    expect(String(arange(1001)).split(',').length).toBe(1001);
  });

  it('linewidth', () => {
    setPrintOptions({ linewidth: 20 });
    expect(String(arange(6))).toBe('tensor([0, 1, 2, 3,\n        4, 5])');
    expect(String(tensor([1], f64))).toBe('tensor([1.],\n       dtype=float64)');
  });

  it('sciMode, which each call sets', () => {
    setPrintOptions({ sciMode: true });
    expect(String(tensor([1, 2]))).toBe('tensor([1.0000e+00, 2.0000e+00])');
    setPrintOptions({ sciMode: false });
    expect(String(tensor([1, 10000.5]))).toBe('tensor([    1.0000, 10000.5000])');
    expect(String(tensor([1e25, 0.5], f64))).toBe('tensor([10000000000000000905969664.0000,                          0.5000],\n       dtype=float64)');
    setPrintOptions({ precision: 4 });
    expect(String(tensor([1, 10000.5]))).toBe('tensor([1.0000e+00, 1.0000e+04])');
  });

  it('profiles, which what is named besides goes over', () => {
    setPrintOptions({ profile: 'short' });
    expect(String(tensor([0.1234]))).toBe('tensor([0.12])');
    setPrintOptions({ profile: 'short', precision: 3 });
    expect(String(tensor([0.1234]))).toBe('tensor([0.123])');
    setPrintOptions({ profile: 'default' });
    expect(String(tensor([0.1234]))).toBe('tensor([0.1234])');
  });

  it('refuses what it is not', () => {
    expect(() => { setPrintOptions({ precision: 100 }); }).toThrow(/setPrintOptions: precision must be an integer from 0 to 99 or null, got 100/);
    expect(() => { setPrintOptions({ profile: 'long' as never }); }).toThrow(/profile must be 'default', 'short' or 'full' or null/);
    expect(() => { setPrintOptions({ edgeItems: 2 } as never); }).toThrow(/there is no argument named edgeItems/);
  });
});
