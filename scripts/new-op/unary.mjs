// The file of a new elementwise op of one tensor. Its gradient is derived from the formula.
import { interval, kinks } from './domain.mjs';
import { camel, float } from './names.mjs';
import { parse } from './parse.mjs';
import { primitives } from './primitives.mjs';
import { algebra } from './rust.mjs';

export const family = 'elementwise';

/** The text of crates/ops/src/elementwise/<name>.rs for `formula`, a function of `x`. */
export function file(name, formula, range) {
  const f = parse(formula, ['x'], primitives());
  const [low, high] = range ?? interval(f, ['x']);
  const avoid = range ? [] : [...new Set(kinks(f, [low, high]))].sort((a, b) => a - b);
  // The samples most ops share keep away from these three.
  const usual = low === -2 && high === 2 && avoid.every((x) => [-1, 0, 1].includes(x));
  const samples = usual ? '' : `    samples: || samples::unary_in(${float(low)}, ${float(high)}, &[${avoid.map(float).join(', ')}]),\n`;
  return `//! \`${formula}\`.

use crate::formula::{Algebra, Unary, unary};
use crate::invoke;${usual ? '' : '\nuse crate::shared::samples;'}
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct ${camel(name)};

impl Unary<0> for ${camel(name)} {
    fn f<A: Algebra>(x: A, []: [A; 0]) -> A {
        ${algebra(f)}
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "${name}",
    doc: "Returns \`${formula.replace(/\bx\b/g, 'input')}\`, element by element.\\n\\n\\
          Integers are computed in float32. Any shape; returns a new tensor.",
    node: "${camel(name)}Backward0",
    saves: Saves::INPUT,
${samples}    ..unary::<${camel(name)}, 0>()
}
.shipped();

/// \`${formula}\`.
pub fn ${name}(x: &Tensor) -> Result<Tensor> {
    invoke::unary(&DEF, x)
}
`;
}
