// The file of a new elementwise op of one tensor.
import { SetupError } from '../setup/log.mjs';
import { derivative, hasVariable, rust, value } from './calculus.mjs';
import { parse } from './parse.mjs';

/** Intervals that samples are drawn from: the first in which the formula and its derivative are defined everywhere. */
const INTERVALS = [
  [-2, 2],
  [0.2, 3],
  [-0.9, 0.9],
  [0.1, 0.9],
  [1.1, 3],
];

function interval(f, df) {
  const found = INTERVALS.find(([low, high]) =>
    Array.from({ length: 81 }, (_, i) => low + ((high - low) * (i + 0.5)) / 81).every(
      (x) => Number.isFinite(value(f, x)) && Number.isFinite(value(df, x)),
    ),
  );
  if (!found) throw new SetupError(`the formula is defined in none of the intervals ${JSON.stringify(INTERVALS)}; write the file by hand`);
  return found;
}

/** Where the formula has a kink, which finite differences must not straddle: where both sides of a comparison are equal. */
function kinks(node, [low, high]) {
  const inside = (node.args ?? []).flatMap((arg) => kinks(arg, [low, high]));
  if (!['max', 'min', 'abs'].includes(node.type)) return inside;
  const [a, b] = node.args;
  const difference = (x) => value(a, x) - (b ? value(b, x) : 0);
  for (let i = 0; i < 400; i++) {
    // The grid is shifted so that round numbers lie between its points.
    let [left, right] = [0, 1].map((j) => low + ((high - low) * (i + j - 0.37)) / 399);
    if (difference(left) * difference(right) > 0) continue;
    for (let step = 0; step < 60; step++) {
      const middle = (left + right) / 2;
      if (difference(left) * difference(middle) <= 0) right = middle;
      else left = middle;
    }
    inside.push(Number(left.toFixed(6)));
  }
  return inside;
}

const pascal = (name) => name.split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
const float = (v) => (Number.isInteger(v) ? v.toFixed(1) : String(v));

/** The text of crates/ops/src/elementwise/<name>.rs for `formula`, a function of `x`. */
export function unaryFile(name, formula) {
  const f = parse(formula);
  if (!hasVariable(f)) throw new SetupError(`the formula \`${formula}\` does not depend on x`);
  const df = derivative(f);
  const slope = rust(df, f);
  const product = slope === 'A::c(1.0)' ? 'g' : slope === 'A::c(0.0)' ? 'g * A::c(0.0)' : `g * ${/ [-+] |^-/.test(outer(slope)) ? `(${slope})` : slope}`;
  const uses = (variable) => new RegExp(`\\b${variable}\\b`).test(product);
  const saves = uses('x') ? (uses('y') ? 'BOTH' : 'INPUT') : uses('y') ? 'OUTPUT' : 'NOTHING';
  const [low, high] = interval(f, df);
  const avoid = [...new Set(kinks(f, [low, high]))].sort((a, b) => a - b);
  // The samples most ops share keep away from these three.
  const usual = low === -2 && avoid.every((x) => [-1, 0, 1].includes(x));
  const samples = usual ? '' : `    samples: || samples::unary_in(${float(low)}, ${float(high)}, &[${avoid.map(float).join(', ')}]),\n`;
  return `//! \`${formula}\`.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;${usual ? '' : '\nuse crate::shared::samples;'}
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct ${pascal(name)};

impl Unary<0> for ${pascal(name)} {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        ${rust(f)}
    }
    fn vjp<A: Algebra>(g: A, ${uses('x') ? '' : '_'}x: A, ${uses('y') ? '' : '_'}y: A, []: [A; 0]) -> A {
        ${product}
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "${name}",
    doc: "Returns \`${formula.replace(/\bx\b/g, 'input')}\`, element by element.\\n\\n\\
          Integers are computed in float32. Any shape; returns a new tensor.",
    node: "${pascal(name)}Backward0",
    saves: Saves::${saves},
${samples}    ..unary::<${pascal(name)}, 0>()
}
.shipped();

/// \`${formula}\`.
pub fn ${name}(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
`;
}

/** The text with everything inside parentheses taken out. */
function outer(text) {
  let depth = 0;
  return [...text].filter((c) => {
    if (c === ')') depth -= 1;
    const keep = depth === 0;
    if (c === '(') depth += 1;
    return keep;
  }).join('');
}
