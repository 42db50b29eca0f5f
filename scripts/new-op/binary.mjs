// The file of a new elementwise op of two tensors, which broadcast. Its gradients are derived from the formula.
import { interval, isSmooth } from './domain.mjs';
import { camel, float } from './names.mjs';
import { parse } from './parse.mjs';
import { primitives } from './primitives.mjs';
import { algebra } from './rust.mjs';

export const family = 'elementwise';

/** The text of crates/ops/src/elementwise/<name>.rs for `formula`, a function of `x` and `other`. */
export function file(name, formula, range) {
  const f = parse(formula, ['x', 'other'], primitives());
  const [low, high] = range ?? interval(f, ['x', 'other']);
  const smooth = isSmooth(f);
  const usual = low === -2 && high === 2 && smooth;
  const pair = `(${float(low)}, ${float(high)})`;
  // Where it has kinks lies on lines that samples cannot keep away from.
  const kinked = smooth ? '' : '.into_iter().map(adjoint_autograd::Sample::kink).collect()';
  const samples = usual ? '' : `    samples: || samples::binary_in(${pair}, ${pair}, &[])${kinked},\n`;
  return `//! \`${formula}\`.

use crate::formula::{Algebra, Binary, binary};
use crate::invoke;${usual ? '' : '\nuse crate::shared::samples;'}
use adjoint_autograd::{OpDef, Saves, Tensor};
use adjoint_tensor::Result;

struct ${camel(name)};

impl Binary<0> for ${camel(name)} {
    fn f<A: Algebra>(x: A, other: A, []: [A; 0]) -> A {
        ${algebra(f)}
    }
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "${name}",
    doc: "Returns \`${formula.replace(/\bx\b/g, 'input')}\`, element by element.\\n\\n\\
          Integers are computed in float32. Shapes broadcast and dtypes promote.",
    node: "${camel(name)}Backward0",
    saves: Saves { inputs: &[0b11, 0b11], outputs: &[] },
${samples}    ..binary::<${camel(name)}, 0>()
}
.shipped();

/// \`${formula}\`.
pub fn ${name}(x: &Tensor, other: &Tensor) -> Result<Tensor> {
    invoke::binary(&DEF, x, other)
}
`;
}
