// The file of a new reduction over dims, made of ops: their derivatives are its own.
import { SetupError } from '../setup/log.mjs';
import { parse } from './parse.mjs';
import { primitives } from './primitives.mjs';
import { ops, reductions } from './rust.mjs';

export const family = 'reduce';

const reduces = (node) => (node.type === 'call' && reductions.has(node.name)) || (node.args ?? []).some(reduces);

/** The text of crates/ops/src/reduce/<name>.rs for `formula`, a function of `x` that calls reductions. */
export function file(name, formula) {
  const f = parse(formula, ['x'], new Map([...primitives(), ...reductions]));
  if (!reduces(f)) throw new SetupError(`the formula \`${formula}\` reduces nothing; it must call one of ${[...reductions.keys()].join(', ')}`);
  const { code, uses } = ops(f);
  return `//! \`${formula}\`, over dims.

${uses.join('\n')}
use crate::shared::checks::only;
use crate::shared::dims::dims_or_all;
use crate::shared::reduce::samples;
use adjoint_autograd::op::Default;
use adjoint_autograd::{Arg, Attrs, Body, Kind, OpDef, Outputs, Tensor};
use adjoint_tensor::Result;
use smallvec::smallvec;

fn body(inputs: &[Option<&Tensor>], attrs: &Attrs) -> Result<Outputs> {
    let x = only(inputs)?;
    let (dims, keepdim) = (dims_or_all(attrs, 0, x.rank())?, attrs.get_bool(1));
    Ok(smallvec![${code}?])
}

/// The op.
pub static DEF: OpDef = OpDef {
    name: "${name}",
    doc: "Returns \`${formula.replace(/\bx\b/g, 'input')}\` over \`dim\`, a dim or a list of dims.\\n\\n\\
          Reduced dims disappear unless \`keepdim\`.",
    args: &[
        Arg::tensor("input"),
        Arg::required("dim", Kind::Ints),
        Arg::optional("keepdim", Kind::Bool, Default::Bool(false)),
    ],
    body: Body::Composite(body),
    samples: samples::dims,
    errors: samples::wrong_dims,
    ..OpDef::COMPOSITE
}
.shipped();
`;
}
