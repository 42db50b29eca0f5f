// Formulas of one variable, read from text: `x * tanh(x)`, `log1p(exp(x))`, `x.max(0)`, `0.5 * x ^ 2`.
//
// A node is { type: 'x' } | { type: 'number', value } | { type: '+' | '-' | '*' | '/', args } | { type: 'neg' | <function>, args }.
import { SetupError } from '../setup/log.mjs';
import { FUNCTIONS } from './functions.mjs';

const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(\*\*|[-+*/^().,]))/y;

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new SetupError(`cannot read the formula from \`${text.slice(at)}\``);
    found.push({ number: match[1], name: match[2], sign: match[3] });
  }
  return found;
}

/** The expression `text` stands for; throws a SetupError that says what it cannot read. */
export function parse(text) {
  const list = tokens(text);
  let at = 0;
  const sign = () => list[at]?.sign;
  const fail = () => new SetupError(`cannot read the formula \`${text}\` at its token ${at + 1}`);
  const take = (expected) => {
    if (sign() !== expected) throw fail();
    at += 1;
  };

  function sum() {
    let left = product();
    while (sign() === '+' || sign() === '-') left = { type: list[at++].sign, args: [left, product()] };
    return left;
  }
  function product() {
    let left = unary();
    while (sign() === '*' || sign() === '/') left = { type: list[at++].sign, args: [left, unary()] };
    return left;
  }
  function unary() {
    if (sign() !== '-') return power();
    at += 1;
    return { type: 'neg', args: [unary()] };
  }
  function power() {
    const base = postfix();
    if (sign() !== '^' && sign() !== '**') return base;
    at += 1;
    const exponent = unary();
    const value = exponent.type === 'neg' ? -exponent.args[0].value : exponent.value;
    if (typeof value !== 'number' || Number.isNaN(value)) throw new SetupError('an exponent must be a number; write exp(a * log(b)) for others');
    return { type: 'power', exponent: value, args: [base] };
  }
  function postfix() {
    let node = primary();
    while (sign() === '.') {
      at += 1;
      node = call(list[at++]?.name, [node]);
    }
    return node;
  }
  function call(name, first) {
    take('(');
    const args = [...first];
    while (sign() !== ')') {
      if (args.length > first.length) take(',');
      args.push(sum());
    }
    take(')');
    const known = FUNCTIONS[name];
    if (!known) throw new SetupError(`there is no function ${name}; the functions are ${Object.keys(FUNCTIONS).join(', ')}`);
    if (args.length !== known.arity) throw new SetupError(`${name} takes ${known.arity} argument(s), got ${args.length}`);
    return { type: name, args };
  }
  function primary() {
    const token = list[at];
    if (!token) throw fail();
    if (token.number !== undefined) {
      at += 1;
      return { type: 'number', value: Number(token.number) };
    }
    if (token.sign === '(') {
      at += 1;
      const inner = sum();
      take(')');
      return inner;
    }
    if (token.name === undefined) throw fail();
    at += 1;
    if (token.name === 'x') return { type: 'x' };
    if (token.name === 'pi') return { type: 'number', value: Math.PI };
    return call(token.name, []);
  }

  const whole = sum();
  if (at < list.length) throw fail();
  return whole;
}
