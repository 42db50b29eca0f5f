// Lists of 100,000: what takes lists or any number of arguments takes as many as a caller can pass, in time that grows as the list does.
import { describe, expect, it } from 'vitest';
import * as adjoint from 'adjoint';
import { type FunctionCtx, type Tensor, broadcastTensors, cat, nn, ones, optim, stack, tensor } from 'adjoint';

const N = 100_000;
const one = ones([1]);
const many = new Array<Tensor>(N).fill(one);

/** Milliseconds that `run` takes. */
function timeOf(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** How many times longer `run` takes with eight times as many: the least of three tries, since others use the machine too. */
function growth(run: (count: number) => void, count: number): number {
  run(count);
  return Math.min(...[0, 1, 2].map(() => timeOf(() => { run(8 * count); }) / timeOf(() => { run(count); })));
}

describe('100,000 tensors', () => {
  it.each(Object.entries<() => unknown>({
    'broadcastTensors, spread out': () => broadcastTensors(...many),
    'broadcastTensors, a list': () => broadcastTensors(many),
    'a method with a list that it cannot use': () => { expect(() => one.view(...new Array<number>(N).fill(2))).toThrow(adjoint.AdjointError); },
    cat: () => cat(many),
    stack: () => stack(many),
    parametersToVector: () => nn.utils.parametersToVector(many),
    'a step of an optimizer': () => { new optim.SGD(many.slice(0, 1).concat(Array.from({ length: N }, () => one.clone())), { lr: 0.1 }).step(); },
    clipGradNorm_: () => nn.utils.clipGradNorm_(many, 1),
    padSequence: () => nn.utils.rnn.padSequence(many),
    'saveForBackward': () => {
      class Kept extends adjoint.autograd.Function {
        static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
          ctx.saveForBackward(...many);
          return x.clone();
        }
        static override backward(ctx: FunctionCtx, g: Tensor): Tensor {
          return g.mul(ctx.savedTensors.length);
        }
      }
      const x = ones([1], { requiresGrad: true });
      Kept.apply(x).backward();
      expect(x.grad!.item()).toBe(N);
    },
    'printing without a limit': () => {
      adjoint.setPrintOptions({ threshold: Infinity });
      try {
        expect(String(ones([N])).length).toBeGreaterThan(3 * N);
      } finally {
        adjoint.setPrintOptions({ profile: 'default' });
      }
    },
  }))('%s', (_, run) => {
    adjoint.scope(() => { run(); });
  }, 120_000);
});

describe('n times one takes time for n', () => {
  it.each(Object.entries<(n: number) => void>({
    'ModuleList.append': (n) => { const list = new nn.ModuleList(); for (let i = 0; i < n; i++) list.append(identity); expect(list.length).toBe(n); },
    'Sequential.append': (n) => { const list = new nn.Sequential(); for (let i = 0; i < n; i++) list.append(identity); expect(list.length).toBe(n); },
    'ModuleDict.set': (n) => { const dict = new nn.ModuleDict(); for (let i = 0; i < n; i++) dict.set(`m${i}`, identity); expect(dict.length).toBe(n); },
    'ModuleDict.set of names that are there, has and get': (n) => {
      const dict = new nn.ModuleDict(Array.from({ length: n }, (_, i) => [`m${i}`, identity] as const));
      for (let i = 0; i < n; i++) if (dict.has(`m${i}`) && !dict.has(`n${i}`)) dict.set(`m${i}`, dict.get(`m${i}`));
      expect(dict.length).toBe(n);
    },
    'ParameterList.append': (n) => { const list = new nn.ParameterList(); for (let i = 0; i < n; i++) list.append(parameter); expect(list.length).toBe(n); },
    'ParameterDict.set, has and get': (n) => {
      const dict = new nn.ParameterDict();
      for (let i = 0; i < n; i++) dict.set(`p${i}`, parameter);
      for (let i = 0; i < n; i++) if (dict.has(`p${i}`) && !dict.has(`q${i}`)) dict.set(`p${i}`, dict.get(`p${i}`));
      expect(dict.length).toBe(n);
    },
  }))('%s', (_, run) => {
    // Of what is quadratic 64, and no more for all the noise there is.
    expect(growth(run, 2000)).toBeLessThan(24);
  }, 120_000);
});

const identity = new nn.Identity();
const parameter = new nn.Parameter(tensor([1]));

it('appends go on after what was deleted or set from outside', () => {
  const list = new nn.ModuleList(Array.from({ length: 300 }, () => new nn.Identity()));
  list.append(identity);
  Reflect.deleteProperty(list, '3');
  expect(list.length).toBe(300);
  list.append(identity).append(identity);
  expect(list.keys()).toEqual(Array.from({ length: 302 }, (_, i) => String(i)));
  const values = new nn.ParameterList(Array.from({ length: 300 }, () => tensor([1])));
  values.append(parameter);
  values[301] = new nn.Parameter(tensor([2]));
  values.append(tensor([3]));
  expect([...values].slice(300).map((p) => p.item())).toEqual([1, 2, 3]);
});
