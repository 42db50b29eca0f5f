// An option with a slip in its name is an error, not an argument of the function.
import { type Tensor, arange, checkpoint, func, ones } from 'adjoint';
import { describe, expect, it } from 'vitest';

const id = (x: Tensor): Tensor => x.mul(1);

describe('an option with a slip in its name', () => {
  it.each(['useRentrant', 'use_reentrant', 'usereentrant', 'preserveRngStat', 'earlystop'])('checkpoint refuses %s', (name) => {
    expect(() => checkpoint(id, ones([1]), { [name]: false } as never)).toThrow(new RegExp(`there is no argument named ${name}`));
  });

  it('checkpoint hands other objects on', () => {
    const f = (x: Tensor, { by, debugger: d }: { by: number; debugger: number }): Tensor => x.mul(by + d);
    const out: Tensor = checkpoint(f, ones([1]), { by: 2, debugger: 1 });
    expect(out.tolist()).toEqual([3]);
  });

  it('vmap refuses it when it is made', () => {
    expect(() => func.vmap(id, { inDim: 0 } as never)).toThrow(/vmap: there is no argument named inDim/);
  });
});

describe("'...' more than once", () => {
  it('passes over the same dims each time, as in PyTorch', () => {
    const x = arange(24).reshape([2, 3, 4]);
    expect(x.index('...', '...').shape).toEqual([2, 3, 4]);
    expect(x.index('...', 0, '...').shape).toEqual([2, 3]);
    expect(x.index(0, '...', 0, '...').shape).toEqual([3]);
    expect(() => x.index('...', 0, '...', 0)).toThrow();
  });
});
