// The file of a new op made of ops of one or two tensors: their derivatives are its own.
import { SetupError } from '../setup/log.mjs';
import { interval, isSmooth, kinks } from './domain.mjs';
import { float } from './names.mjs';
import { parse } from './parse.mjs';
import { primitives } from './primitives.mjs';
import { ops } from './rust.mjs';

export const family = 'elementwise';

/** The text of crates/ops/src/elementwise/<name>.rs for `formula`, a function of `x`, or of `x` and `other`. */
export function file(name, formula, range) {
  const two = /\bother\b/.test(formula);
  const variables = two ? ['x', 'other'] : ['x'];
  const f = parse(formula, variables, primitives());
  if (f.type === 'name') throw new SetupError(`the formula \`${formula}\` calls no op`);
  const { code, uses } = ops(f);
  const [low, high] = range ?? interval(f, variables);
  const pair = `(${float(low)}, ${float(high)})`;
  const avoid = range || two ? [] : [...new Set(kinks(f, [low, high]))].sort((a, b) => a - b);
  const kinked = two && !isSmooth(f) ? '.into_iter().map(adjoint_autograd::Sample::kink).collect()' : '';
  const samples = two
    ? `samples::binary_in(${pair}, ${pair}, &[])${kinked}`
    : `samples::unary_in(${float(low)}, ${float(high)}, &[${avoid.map(float).join(', ')}])`;
  const inputs = two ? '    let (x, other) = (operand(inputs, 0)?, operand(inputs, 1)?);' : '    let x = operand(inputs, 0)?;';
  return `//! \`${formula}\`.

${uses.join('\n')}
use crate::shared::samples;
use adjoint_autograd::{Arg, Attrs, Body, OpDef, Outputs, Tensor};
use adjoint_tensor::{Error, Result};
use smallvec::smallvec;

fn operand<'a>(inputs: &[Option<&'a Tensor>], i: usize) -> Result<&'a Tensor> {
    inputs.get(i).copied().flatten().ok_or_else(|| Error::usage("expected a tensor"))
}

fn body(inputs: &[Option<&Tensor>], _: &Attrs) -> Result<Outputs> {
${inputs}
    Ok(smallvec![${code}?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "${name}",
    doc: "Returns \`${formula.replace(/\bx\b/g, 'input')}\`, element by element.\\n\\n\\
          Made of other ops. ${two ? 'Shapes broadcast and dtypes promote' : 'Any shape; returns a new tensor'}.",
    args: &[Arg::tensor("input")${two ? ', Arg::tensor("other")' : ''}],
    body: Body::Composite(body),
    samples: || ${samples},
    ..OpDef::COMPOSITE
}
.shipped();
`;
}
