// The binary's two parts: what a page trains with lies in the core, everything else comes when it is called, and without it the error says so.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as slim from 'adjoint/slim';
import { beforeEach, describe, expect, test } from 'vitest';

const { resolve } = createRequire(import.meta.url);
const core = resolve('adjoint/adjoint.simd128.wasm');
const rest = core.replace(/\.wasm$/, '.rest.wasm');

function train(): number[] {
  const { manualSeed, nn, optim, tensor } = slim;
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
  const [x, y] = [tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), tensor([[0], [1], [1], [0]])]; // prettier-ignore
  return Array.from({ length: 50 }, () => {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model.call(x), y);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}

// A quick build (npm run build -- --quick) is all core.
describe.skipIf(!existsSync(rest))('the parts of the binary', () => {
  beforeEach(() => {
    slim.initSync(readFileSync(core));
  });

  test('the core alone trains, prints and refuses', () => {
    const losses = train();
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    const x = slim.tensor([1, 2], { requiresGrad: true });
    expect(String(x.mul(2))).toBe('tensor([2., 4.], gradFn=<MulBackward0>)');
    expect(() => x.matmul(slim.ones([3]))).toThrow(slim.ShapeError);
    expect(() => x.mul(2).backward()).toThrow('scalar');
  });

  test('what is not in the core ends in an error that says what to do, and in a dead instance', () => {
    const x = slim.tensor([1, 2, 3]);
    expect(() => x.cumsum(0)).toThrow(/pass adjoint\.simd128\.rest\.wasm .* to init\(\) as second argument/);
    expect(() => x.mul(2)).toThrow(/loaded when it is needed/);
    slim.initSync(readFileSync(core), readFileSync(rest));
    expect(slim.tensor([1, 2, 3]).cumsum(0).tolist()).toEqual([1, 3, 6]);
  });

  test('both together are the whole, bit for bit, in any order of loading', () => {
    const losses = train();
    slim.initSync(readFileSync(core), readFileSync(rest));
    slim.tensor([3, 1, 2]).sort();
    expect(train()).toEqual(losses);
  });

  test('a fresh instance brings the rest anew', () => {
    slim.initSync(readFileSync(core), readFileSync(rest));
    expect(slim.tensor([1, 2]).cumsum(0).tolist()).toEqual([1, 3]);
    slim.reset();
    expect(slim.tensor([1, 2]).cumprod(0).tolist()).toEqual([1, 2]);
  });

  test('the core is less than a third of the binary', () => {
    expect(statSync(core).size * 2).toBeLessThan(statSync(rest).size);
  });
});
