// Formulas as Rust: over trait Algebra, and as calls of ops.
import { float } from './names.mjs';

const BINDS = { '+': 1, '-': 1, '*': 2, '/': 2, neg: 3 };
const ATOM = 4;

/** The formula in terms of trait Algebra. */
export const algebra = (node) => text(node).code;

function text(node) {
  const inner = (arg, least) => {
    const { code, binds } = text(arg);
    return binds < least ? `(${code})` : code;
  };
  const [a, b] = node.args ?? [];
  switch (node.type) {
    case 'name':
      return { code: node.name, binds: ATOM };
    case 'number':
      return { code: `A::c(${float(node.value)})`, binds: ATOM };
    case 'neg':
      return { code: `-${inner(a, 3)}`, binds: 3 };
    case 'power':
      return power(node.exponent, a, inner);
    case 'call':
      return { code: `${inner(a, ATOM)}.${node.name}(${node.args.slice(1).map((arg) => inner(arg, 0)).join(', ')})`, binds: ATOM };
    default: {
      const binds = BINDS[node.type];
      return { code: `${inner(a, binds)} ${node.type} ${inner(b, binds + 1)}`, binds };
    }
  }
}

/** Small whole powers are products, which are faster and exact where they can be. */
function power(exponent, base, inner) {
  if (exponent === 2 || exponent === 3) return { code: Array(exponent).fill(inner(base, 3)).join(' * '), binds: 2 };
  if (exponent === 0.5) return { code: `${inner(base, ATOM)}.sqrt()`, binds: ATOM };
  if (exponent === -1) return { code: `${inner(base, ATOM)}.recip()`, binds: ATOM };
  return { code: `${inner(base, ATOM)}.powf(A::c(${float(exponent)}))`, binds: ATOM };
}

const OPERATORS = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' };
/** Ops that are not called as their primitive, and those that stand in the file of another. */
const OPS = { max: 'maximum', min: 'minimum', recip: 'reciprocal', div_trunc: ['div', 'div_trunc'], div_floor: ['div', 'div_floor'] };
const REDUCTIONS = { sum: ['sum', 'sum_dims'], mean: ['mean', 'mean_dims'], amax: 'amax', amin: 'amin', logsumexp: 'logsumexp' };

/** The reductions a formula may call: each takes one operand. */
export const reductions = new Map(Object.keys(REDUCTIONS).map((name) => [name, 1]));

/** The formula as calls of ops: { code, uses }, a `Result<Tensor>` and the lines that bring the ops in. Variables are `&Tensor`s;
 * reductions are over `dims`, keeping them where `keepdim`. */
export function ops(node) {
  const imports = { elementwise: new Set(), reduce: new Set() };
  let numbers = false;
  const bring = (family, named) => {
    const [file, name] = Array.isArray(named) ? named : [named, named];
    imports[family].add(`${file}::${name}`);
    return name;
  };
  const operand = (arg) => (arg.type === 'name' ? arg.name : `&${result(arg)}?`);
  function result(n) {
    const [a, b] = n.args ?? [];
    switch (n.type) {
      case 'name':
        return `Ok::<_, Error>(${n.name}.clone())`;
      case 'number':
        numbers = true;
        return `invoke::number(${float(n.value)})`;
      case 'neg':
        return `${bring('elementwise', 'neg')}(${operand(a)})`;
      case 'power':
        if (n.exponent === 2) return `${bring('elementwise', 'mul')}(${operand(a)}, ${operand(a)})`;
        return `${bring('elementwise', 'pow')}(${operand(a)}, ${operand({ type: 'number', value: n.exponent })})`;
      case 'call':
        if (REDUCTIONS[n.name]) return `${bring('reduce', REDUCTIONS[n.name])}(${operand(a)}, &dims, keepdim)`;
        return `${bring('elementwise', OPS[n.name] ?? n.name)}(${n.args.map(operand).join(', ')})`;
      default:
        return `${bring('elementwise', OPERATORS[n.type])}(${operand(a)}, ${operand(b)})`;
    }
  }
  const code = result(node);
  const uses = Object.entries(imports)
    .filter(([, names]) => names.size > 0)
    .map(([family, names]) => `use crate::${family}::${names.size === 1 ? [...names][0] : `{${[...names].sort().join(', ')}}`};`);
  if (numbers) uses.push('use crate::invoke;');
  return { code, uses };
}
