// Calls every op of the table, forward and backward, with less and less memory left, and prints how it went; test/memory/low-memory.test.ts
// runs it in a process of its own, with little memory (`--wasm-max-mem-pages`). Names of ops may be given.
import { readFileSync } from 'node:fs';
import * as adjoint from 'adjoint';

const { AdjointError, OutOfMemoryError, Scope, Tensor, ones, rand, randint, scope } = adjoint;

const HOLDERS = { Function: adjoint, Functional: adjoint.nn.functional, Linalg: adjoint.linalg, Special: adjoint.special };
/** Elements of the largest tensor of a scaled sample. */
const ELEMENTS = 2 ** 14;
/** An op that worked so often in a row has the memory it needs. */
const ENOUGH = 3;

/** The sizes of a tensor with all dims that are no broadcast ones `factor` times as long. */
const scaled = (shape, factor) => shape.map((n) => (n > 1 ? n * factor : n));

function tensorsOf(arg) {
  if (typeof arg !== 'object' || arg === null) return [];
  if (Array.isArray(arg)) return arg.flatMap(tensorsOf);
  if ('tensor' in arg) return [arg.tensor];
  return 'tensors' in arg ? arg.tensors.flatMap(tensorsOf) : [];
}

/** By how much the tensors of a call can be longer along each dim. */
function factorFor(args) {
  const factors = args.flatMap(tensorsOf).map(({ shape }) => {
    const long = shape.filter((n) => n > 1);
    return long.length === 0 ? Infinity : (ELEMENTS / long.reduce((a, b) => a * b, 1)) ** (1 / long.length);
  });
  const least = Math.min(...factors);
  return Number.isFinite(least) ? Math.max(1, Math.floor(least)) : 1;
}

function make({ shape, dtype, range: [low, high], requiresGrad }, { factor, areIntegers }) {
  const sizes = scaled(shape, factor);
  if (areIntegers && dtype.includes('float')) return randint(1, 4, sizes);
  const isFloating = dtype.includes('float');
  const t = isFloating ? rand(sizes).mul(high - low).add(low) : randint(low, high + 1, sizes);
  const made = t.to(dtype);
  return isFloating && requiresGrad ? made.requiresGrad_() : made;
}

/** The arguments of a sample `how` it is asked for. */
function valueOf(arg, how) {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (Array.isArray(arg)) return arg.map((part) => valueOf(part, how));
  if ('tensor' in arg) return make(arg.tensor, how);
  if ('tensors' in arg) return arg.tensors.map((part) => (part === null ? null : make(part.tensor, how)));
  if ('float' in arg) return typeof arg.float === 'number' ? arg.float : Number({ inf: 'Infinity', '-inf': '-Infinity' }[arg.float] ?? arg.float);
  return arg.dtype;
}

/** The call of an op, as a function, or null where it has none that a caller could make. */
function callerOf({ name, surface }) {
  const held = surface.find((kind) => typeof HOLDERS[kind]?.[name] === 'function');
  if (held !== undefined) return (args) => HOLDERS[held][name](...args);
  if (typeof Tensor.prototype[name] === 'function') return ([t, ...rest]) => t[name](...rest);
  return typeof Tensor.prototype[`${name}_`] === 'function' ? ([t, ...rest]) => t.detach().clone()[`${name}_`](...rest) : null;
}

/** Takes all the memory there is, in pieces, and returns the scopes that hold it. */
function fill() {
  const pieces = [];
  for (let bytes = 2 ** 20; bytes >= 2 ** 12;) {
    const piece = new Scope();
    try {
      ones([bytes], { dtype: 'uint8' });
      pieces.push(piece);
    } catch (error) {
      piece.dispose();
      if (!(error instanceof OutOfMemoryError)) throw error;
      bytes /= 16;
    } finally {
      piece.leave();
    }
  }
  return pieces;
}

/** Calls a sample near the limit of memory; what came of it but results and OutOfMemoryErrors. */
function wrongWith(call, args) {
  const leaves = args.flat().filter((arg) => arg instanceof Tensor && arg.requiresGrad);
  const attempt = () => {
    scope(() => {
      const results = [call(args)].flat().filter((t) => t instanceof Tensor && t.requiresGrad);
      for (const y of results.slice(0, 1)) y.sum().backward();
    });
    for (const t of leaves) t.grad = null;
  };
  const pieces = fill();
  let inARow = 0;
  try {
    for (let freed = 0; pieces.length > 0 && inARow < ENOUGH; freed++) {
      try {
        attempt();
        inARow += 1;
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) return String(error);
        inARow = 0;
      }
      for (let i = 0; i < (freed < 16 ? 1 : 4); i++) pieces.pop()?.dispose();
    }
  } finally {
    for (const piece of pieces) piece.dispose();
  }
  return null;
}

const asked = process.argv.slice(2);
const ops = JSON.parse(readFileSync(new URL('../generated/manifest.json', import.meta.url), 'utf8'));
const wrong = {};
const called = new Set();
for (const op of ops) {
  const caller = callerOf(op);
  if (caller === null || op.samples.length === 0 || (asked.length > 0 && !asked.includes(op.name))) continue;
  called.add(op.name);
  for (const { args } of op.samples.slice(0, 2)) {
    const factor = factorFor(args);
    const isRefused = (how) => {
      try {
        scope(() => { caller(valueOf(args, how)); });
        return false;
      } catch (error) {
        if (error instanceof AdjointError) return true;
        throw error;
      }
    };
    for (const areIntegers of [false, true]) {
      // A sample whose numbers go by its sizes is refused when they are others: then it is called as it is.
      const how = [{ factor, areIntegers }, { factor: 1, areIntegers }].find((one) => !isRefused(one));
      if (how === undefined) continue;
      const held = new Scope();
      try {
        const message = wrongWith(caller, valueOf(args, how));
        if (message !== null) wrong[op.op] = message;
        ones(3).sum().item();
        held.dispose();
      } catch (error) {
        wrong[op.op] ??= String(error);
        adjoint.reset();
      }
    }
  }
}
console.log(JSON.stringify({ wrong, called: called.size, isAlive: ones(3).sum().item() === 3 }));
