// Buffers that have no shape yet: PyTorch's torch.nn.parameter.UninitializedBuffer.
import { describe, expect, it } from 'vitest';
import { nn, zeros } from 'adjoint';

describe('UninitializedBuffer', () => {
  it('has a dtype and no shape, and prints as PyTorch prints it', () => {
    const b = new nn.UninitializedBuffer();
    expect([b.dtype, b.requiresGrad, b.persistent, String(b)]).toEqual(['float32', false, true, '<UninitializedBuffer>']);
    expect(() => b.shape).toThrow(/shape: the buffer of a lazy module has no shape before the module's first call/);
    expect(() => b.numel()).toThrow(/numel: the buffer/);
  });

  it('takes its arguments by position and by name', () => {
    const b = new nn.UninitializedBuffer(false, 'cpu', 'float64', false);
    expect([b.dtype, b.persistent]).toEqual(['float64', false]);
    expect(new nn.UninitializedBuffer({ dtype: 'float64', persistent: false }).dtype).toBe('float64');
    expect(() => new nn.UninitializedBuffer({ size: 3 } as never)).toThrow(/there is no argument named size/);
  });

  it('becomes an ordinary buffer, the same object, at materialize()', () => {
    class Lazy extends nn.Module {
      seen = new nn.UninitializedBuffer({ dtype: 'float64' });
      passing = new nn.UninitializedBuffer({ persistent: false });
    }
    const m = new Lazy();
    const { seen } = m;
    expect(m.namedBuffers().map(([name]) => name)).toEqual(['seen', 'passing']);
    seen.materialize([2, 3]);
    m.passing.materialize({ shape: 4, dtype: 'float64' });
    expect(m.seen).toBe(seen);
    expect(seen).toBeInstanceOf(nn.Buffer);
    expect(seen).not.toBeInstanceOf(nn.UninitializedBuffer);
    expect([seen.shape, seen.dtype, m.passing.shape, m.passing.dtype]).toEqual([[2, 3], 'float64', [4], 'float64']);
    expect(Object.keys(m.stateDict())).toEqual(['seen']);
    seen.copy_(zeros([2, 3]));
    expect(m.stateDict()['seen']!.tolist()).toEqual([[0, 0, 0], [0, 0, 0]]);
  });

  it('a parameter takes a dtype at materialize(), too', () => {
    const p = new nn.UninitializedParameter();
    p.materialize([2], 'cpu', 'float64');
    expect([p.shape, p.dtype, p.requiresGrad]).toEqual([[2], 'float64', true]);
  });
});
