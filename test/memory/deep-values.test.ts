import { afterEach, describe, expect, it } from 'vitest';
import { Scope, ShapeError, Tensor, UsageError, autograd, checkpoint, data, func, keep, memoryStats, nn, ones, reset, scope, tensor } from 'adjoint';


afterEach(reset);

const LEVELS = 100_000;

function nested(value: unknown, around: (value: unknown) => unknown): any {
  for (let i = 0; i < LEVELS; i++) value = around(value);
  return value;
}

const inArrays = (value: unknown): any => nested(value, (v) => [v]);
const inObjects = (value: unknown): any => nested(value, (v) => ({ a: v }));
const inMaps = (value: unknown): any => nested(value, (v) => new Map([['a', v]]));

/** The one value inside. */
function innermost(value: any): unknown {
  while (typeof value === 'object' && value !== null && !(value instanceof Tensor)) value = value instanceof Map ? value.get('a') : Object.values(value)[0];
  return value;
}

const forms = [['arrays', inArrays], ['objects', inObjects]] as const;

describe('values that are nested 100,000 deep', () => {
  it.each([...forms, ['maps', inMaps] as const])('leave a scope in %s, and keep() finds them', (_, wrap) => {
    const before = memoryStats().tensors;
    expect((innermost(scope(() => wrap(ones(2).mul(2)))) as Tensor).tolist()).toEqual([2, 2]);
    const outer = new Scope();
    const kept = innermost(keep(wrap(ones(2)))) as Tensor;
    outer.dispose();
    expect(kept.tolist()).toEqual([1, 1]);
    expect(memoryStats().tensors).toBe(before + 2);
  });

  it.each(forms)('are arguments and results of vmap in %s', (_, wrap) => {
    expect((innermost(func.vmap((v: any) => wrap((innermost(v) as Tensor).mul(2)))(wrap(tensor([1, 2])))) as Tensor).tolist()).toEqual([2, 4]);
  }, 120_000);

  it.each(forms)('say the dims of vmap in %s', (_, wrap) => {
    expect((innermost((func.vmap as any)((v: any) => innermost(v), { inDims: [wrap(0)] })(wrap(tensor([1, 2])))) as Tensor).tolist()).toEqual([1, 2]);
  }, 120_000);

  it.each(forms)('are arguments and results of jvp in %s', (_, wrap) => {
    const [value, tangent] = (func.jvp as any)((v: any) => wrap((innermost(v) as Tensor).mul(3)), [wrap(tensor([1, 2]))], [wrap(ones(2))]);
    expect([innermost(value), innermost(tangent)].map((t) => (t as Tensor).tolist())).toEqual([[3, 6], [3, 3]]);
  }, 120_000);

  it.each(forms)('are arguments of grad in %s', (_, wrap) => {
    expect((innermost((func.grad as any)((v: any) => (innermost(v) as Tensor).mul(5).sum())(wrap(ones(2)))) as Tensor).tolist()).toEqual([5, 5]);
  }, 120_000);

  it.each(forms)('are arguments of a checkpoint and packed for a derivative in %s', (_, wrap) => {
    const p = ones([2], { requiresGrad: true });
    (checkpoint as any)((v: any) => (innermost(v) as Tensor).mul(3), wrap(p)).sum().backward();
    expect(p.grad!.tolist()).toEqual([3, 3]);
    autograd.graph.savedTensorsHooks(wrap, (v: any) => innermost(v) as Tensor, () => { p.mul(p).sum().backward(); });
    expect(p.grad!.tolist()).toEqual([5, 5]);
  }, 120_000);

  it.each(forms)('are collated in %s', (_, wrap) => {
    expect((innermost(data.defaultCollate([wrap(1), wrap(2)])) as Tensor).tolist()).toEqual([1, 2]);
  });

  it('are results of hooks', () => {
    const layer = new nn.Linear(2, 2);
    layer.registerForwardHook(() => inArrays(ones(1)));
    expect((innermost(layer.call(ones(2)) as unknown) as Tensor).tolist()).toEqual([1]);
  });

  it('are refused as data and as an index, with the limit', () => {
    expect(() => tensor(inArrays(1))).toThrow(new ShapeError('tensor: arrays may be nested 64 deep, got more (does an array hold itself?)', 'tensor'));
    expect(() => ones(2).index(inArrays(1))).toThrow(new ShapeError('index: lists of indices may be nested 64 deep, got more (does an array hold itself?)', 'index'));
  });
});

describe('a value that holds itself', () => {
  const endless = (): any => {
    const list: unknown[] = [ones(1)];
    list.push(list);
    return list;
  };

  it('leaves a scope', () => {
    expect(((scope(endless) as unknown[])[0] as Tensor).tolist()).toEqual([1]);
  });

  it('is refused by transforms, checkpoints and collation', () => {
    for (const call of [() => (func.vmap as any)(endless)(ones(2)), () => (func.vmap as any)(() => ones(1))(endless()), () => (func.grad as any)(() => ones([]))(endless()), () => data.defaultCollate([endless(), endless()])]) {
      expect(call).toThrow(UsageError);
      expect(call).toThrow('holds itself');
    }
  });

  it('may stand in two places', () => {
    const x = [ones(2)];
    expect(func.vmap((a: any) => a[0][0].add(a[1][0]))([x, x] as any).tolist()).toEqual([2, 2]);
  });
});
