// Every op, called in many wrong ways: what it says names the op that was called, once, in words of the public API.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { AdjointError, Tensor, nn, ones, scope, tensor, zeros } from 'adjoint';
import { describe, expect, it, test } from 'vitest';
import { argumentsOf, callable, memberOf, seeded, type ManifestOp } from './gradcheck-samples';

type Call = (...args: unknown[]) => unknown;

const ops = JSON.parse(readFileSync(new URL('generated/manifest.json', import.meta.url), 'utf8')) as readonly ManifestOp[];
const names = new Set(ops.flatMap(({ name }) => [name.replace(/^_/, ''), name, `${name}_`]));

/** What stands in the place of a tensor: other shapes and other dtypes. */
function others(t: Tensor | null): unknown[] {
  if (t === null) return [ones([5])];
  const { shape } = t;
  const last = shape.at(-1) ?? 1;
  return [
    ones([7, ...shape]), ones([...shape.slice(0, -1), last + 1]), ones([...shape.slice(0, -1), 0]), ones([]), ones([5]), ones([1, 1, 1, 1, 1, 1, 1]), t.unsqueeze(0), t.unsqueeze(-1),
    ...(['bool', 'uint8', 'int64', 'float16', 'float32', 'float64'] as const).map((dtype) => zeros(shape, { dtype })), zeros(shape, { dtype: 'int64' }).sub(99), [t, ones([5, 4, 3])], [],
  ];
}

/** What stands in the place of any other argument. */
function otherValues(value: unknown): unknown[] {
  const wrong: unknown[] = [null, 'nonsense', true, 0.5, -1, 0, 99, -99, NaN, [], [99], [0, 0], [1, 2, 3, 4, 5, 6, 7], ones([2]), ones([2, 3]), new Date(0)];
  if (Array.isArray(value)) wrong.push([...(value as unknown[]), 1], value.slice(1), value.map(() => -3), value.map(() => 0));
  return wrong;
}

function replaced(list: readonly unknown[], i: number, value: unknown): unknown[] {
  return list.map((old, k) => (k === i ? value : old));
}

/** The messages of an op whose arguments are wrong one at a time. */
function* messagesOf(op: ManifestOp, call: Call, isMethod: boolean): Generator<string> {
  for (const sample of op.samples.slice(0, 4)) {
    const { tensors, place } = argumentsOf(op, sample, seeded(`${op.op} ${sample.label}`));
    const args = place(tensors);
    for (let i = 0; i < args.length; i++) {
      const given = args[i];
      const list = given instanceof Tensor ? [...others(given), ...otherValues(given)] : Array.isArray(given) && given[0] instanceof Tensor
        ? [...given.flatMap((t: Tensor | null, k) => others(t).map((other) => replaced(given as unknown[], k, other))), ...otherValues(given)] : otherValues(given);
      for (const value of list) {
        if (op.name === 'index' && i > 0 && !Array.isArray(value)) continue;
        try {
          scope(() => { call(...replaced(args, i, value)); });
        } catch (error) {
          // What is not a tensor has no methods to call.
          if (error instanceof TypeError && i === 0 && isMethod) continue;
          if (!(error instanceof AdjointError)) throw error;
          yield error.message;
        }
      }
    }
    if (isMethod) continue;
    try {
      scope(() => { call(); });
    } catch (error) {
      yield (error as Error).message;
    }
  }
}

/** What is wrong with a message of the op that is called `name`. */
function flawOf(message: string, name: string): string | null {
  if (!message.startsWith(`${name}: `)) return 'does not begin with the name of the op';
  const text = message.slice(name.length + 2);
  const second = /^([\w.]+): /.exec(text)?.[1];
  if (second !== undefined && (second === name || names.has(second.replace(/^linalg\./, '')))) return 'names another op';
  if (/\b(Some|None|Ok|Err|Scalar|Int|Float|Bool|Ints|Letter|Choice|DType|Code|Dims|Layout|Array|Tensor)\b(\(| \{)/.test(text)) return 'shows a Rust value';
  if (/\bNone\b|\bu?(8|16|32|64|size)::|::|\b(usize|isize|i64|u8|f64)\b/.test(text)) return 'shows a word of Rust';
  // The underscore is PyTorch's.
  if (/(^|[\s'"(])_(?!randomSamples\b)[a-z]\w*/.test(text)) return 'shows an inner name';
  // PyTorch's words for a choice stay as they are.
  return /\b[a-z]+_[a-z]\w*\b/.test(text.replace(/'\w+'/g, '')) ? 'shows a name in snake case' : null;
}

/** How the op is called in messages. */
function shownName(op: ManifestOp): string {
  return op.name === 'linalgNorm' ? 'linalg.norm' : (memberOf(op) ?? op.name);
}

describe('errors of wrong arguments name the op that was called, once, in public words:', () => {
  for (const op of ops) {
    const call = op.name === 'linalgNorm' ? (adjoint.linalg.norm as Call) : callable(op, adjoint);
    const inPlace = (Tensor.prototype as unknown as Record<string, Call | undefined>)[`${op.name}_`];
    if (op.name.startsWith('_')) continue;
    test(op.op, () => {
      const found: string[] = [];
      const collect = (name: string, run: Call, isMethod: boolean): void => {
        for (const message of messagesOf(op, run, isMethod)) {
          const flaw = flawOf(message, name);
          if (flaw !== null) found.push(`${flaw}: ${message}`);
        }
      };
      if (call !== null) collect(shownName(op), call, !op.surface.some((surface) => /^(Function|Functional|Linalg|Special|Fft|Masked|Windows)$/.test(surface)));
      if (inPlace !== undefined) collect(`${op.name}_`, (self, ...args) => (self instanceof Tensor ? inPlace.apply(self.detach().clone(), args) : undefined), true);
      expect([...new Set(found)]).toEqual([]);
    });
  }
});

describe('composites of the facade', () => {
  const messageOf = (call: () => unknown): string => {
    try {
      call();
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const [a, b] = [ones([2, 3]), ones([4, 5])];
  const CALLS: Record<string, Call> = {
    allclose: () => adjoint.allclose(a, b), equal: () => adjoint.equal(a, 1 as never), tensordot: () => adjoint.tensordot(a, b, 1),
  };
  for (const [name, call] of Object.entries(CALLS)) {
    it(`name themselves: ${name}`, () => { expect(flawOf(messageOf(call), name)).toBeNull(); });
  }

  it('modules name the function they are made of', () => {
    expect(flawOf(messageOf(() => new nn.Linear(3, 2).call(b)), 'linear')).toBeNull();
    expect(flawOf(messageOf(() => new nn.CrossEntropyLoss().call(a, tensor([0, 1]))), 'crossEntropy')).toBeNull();
  });
});

it('values that have no text are named, not written out', () => {
  const textless = Object.create(null) as number[];
  expect(() => adjoint.broadcastShapes([1], textless)).toThrow(/broadcastShapes: expected shapes, lists of integers of at least 0, got an object/);
  expect(() => adjoint.broadcastShapes([textless as unknown as number])).toThrow(/got an array/);
  expect(() => adjoint.broadcastShapes([2, -1])).toThrow(/got \[2, -1\]/);
  const { proxy, revoke } = Proxy.revocable([] as number[], {});
  revoke();
  expect(() => adjoint.broadcastShapes(proxy)).toThrow(adjoint.UsageError);
  const optimizer = new adjoint.optim.SGD([new adjoint.nn.Parameter(adjoint.ones([1]))], { lr: 0.1 });
  Object.assign(optimizer.paramGroups[0]!, { note: textless });
  expect(String(optimizer)).toContain('note: an object');
});
