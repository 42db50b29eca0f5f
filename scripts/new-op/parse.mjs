// Formulas, read from text: `x * tanh(x)`, `log1p(exp(x))`, `x.max(0)`, `0.5 * x ^ 2`, `sqrt(sum(x * x))`.
//
// A node is { type: 'name', name } | { type: 'number', value } | { type: '+' | '-' | '*' | '/' | 'neg', args }
// | { type: 'power', exponent, args } | { type: 'call', name, args }.
import { SetupError } from '../setup/log.mjs';

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

/** The names of `variables` in the formula. */
export function variablesOf(node) {
  return new Set(node.type === 'name' ? [node.name] : (node.args ?? []).flatMap((arg) => [...variablesOf(arg)]));
}

/** The expression `text` of `variables` stands for, with calls of `functions` (name → operands); throws a SetupError that says what it
 * cannot read, or which variable the formula does not have. */
export function parse(text, variables, functions) {
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
    const inner = unary();
    return inner.type === 'number' ? { type: 'number', value: -inner.value } : { type: 'neg', args: [inner] };
  }
  function power() {
    const base = postfix();
    if (sign() !== '^' && sign() !== '**') return base;
    at += 1;
    const exponent = unary();
    if (exponent.type !== 'number') throw new SetupError('an exponent must be a number; write exp(a * log(b)) for others');
    return { type: 'power', exponent: exponent.value, args: [base] };
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
    const expected = functions.get(name);
    if (expected === undefined) throw new SetupError(`there is no function ${name}; the functions are ${[...functions.keys()].join(', ')}`);
    if (args.length !== expected) throw new SetupError(`${name} takes ${expected} argument(s), got ${args.length}`);
    return { type: 'call', name, args };
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
    if (variables.includes(token.name)) return { type: 'name', name: token.name };
    if (token.name === 'pi') return { type: 'number', value: Math.PI };
    return call(token.name, []);
  }

  const whole = sum();
  if (at < list.length) throw fail();
  const used = variablesOf(whole);
  const missing = variables.find((name) => !used.has(name));
  if (missing) throw new SetupError(`the formula \`${text}\` does not depend on ${missing}`);
  return whole;
}
