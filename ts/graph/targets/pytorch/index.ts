// exportPyTorch(): a captured program as a PyTorch script.
import { UsageError } from '../../../core/errors';
import type { Tensor } from '../../../tensor/tensor';
import type { Lowered } from '../../lowered';
import { checkOps, elementsOf, exporter, parametersOf, stateOf, type Exporter } from '../target';
import { ROWS, python } from './table';

/** A program as a PyTorch script. */
export interface PyTorchProgram {
  /** A Python module with a function `step`. */
  readonly script: string;
  /** How many tensors the function takes, and how many it returns. */
  readonly inputs: number;
  readonly outputs: number;
  /** Parameters, buffers, states of optimizers, `lr` and `step`, to be saved beside it. The caller releases them. */
  readonly parameters: Readonly<Record<string, Tensor>>;
}

/**
 * The program `captured` as a Python module for PyTorch 2: `step(inputs, state, reduce)` takes a list of tensors and what the step
 * begins with by name, and returns the outputs and what the next step begins with. Nothing is written.
 *
 * `reduce` is called with the gradient of each parameter: ranks that have a part of a batch each pass what averages over them, such as
 * an all-reduce. Shapes are those of the capture. An op that the target lacks is an error that lists all such ops with how often each is
 * called.
 */
export const exportPyTorch: Exporter<PyTorchProgram> = /* @__PURE__ */ exporter('exportPyTorch', written);

function written(form: Lowered): PyTorchProgram {
  const { record } = form;
  checkOps('exportPyTorch', record, ({ op }) => Object.hasOwn(ROWS, op));
  const states = stateOf(record);
  const names: string[] = [];
  const lines: string[] = [];
  record.inputs.forEach((value, i) => { names[value] = `x${i}`; });
  if (record.inputs.length > 0) lines.push(`${record.inputs.map((value) => `${names[value]},`).join(' ')} = inputs`);
  for (const { constant: { value }, name } of states) {
    names[value] = `v${value}`;
    lines.push(`${names[value]} = state[${JSON.stringify(name)}]`);
  }
  const device = record.inputs.length > 0 ? `, device=${names[record.inputs[0]!]}.device` : '';
  for (const constant of record.constants) {
    const { value } = constant;
    if (names[value] !== undefined) continue;
    names[value] = `v${value}`;
    const { dtype, shape } = record.values[value]!;
    const data = elementsOf('exportPyTorch', form, constant);
    const end = `dtype=torch.${dtype}${device})`;
    lines.push(typeof data === 'number'
      ? `${names[value]} = torch.full(${python(shape)}, ${python(data)}, ${end}`
      : `${names[value]} = torch.tensor(${python(data)}, ${end}.reshape(${python(shape)})`);
  }
  const gradients = new Set(record.gradients.map(({ value }) => value));
  for (const call of record.calls) {
    if (call.inputs.includes(null)) throw new UsageError(`exportPyTorch: ${call.op} leaves an input out`, 'exportPyTorch');
    const given = call.inputs.map((value) => value!);
    for (const value of call.outputs) names[value] = `v${value}`;
    const right = ROWS[call.op]!(call, given.map((value) => names[value]!), given.map((value) => record.values[value]!), call.outputs.map((value) => record.values[value]!));
    lines.push(`${call.outputs.map((value) => names[value]).join(', ')} = ${right}`);
    for (const value of call.outputs) if (gradients.has(value)) lines.push(`${names[value]} = reduce(${names[value]})`);
  }
  const next = states.map(({ constant, name, next }) => `${JSON.stringify(name)}: ${names[next ?? constant.value]}`);
  lines.push(`return [${record.outputs.map((value) => names[value]).join(', ')}], {${next.join(', ')}}`);
  const script = [
    '# Written by exportPyTorch() of adjoint.', 'import torch', 'import torch.nn.functional as F', '', '',
    '@torch.no_grad()', 'def step(inputs, state, reduce=lambda gradient: gradient):', ...lines.map((line) => `    ${line}`), '',
  ].join('\n');
  return { script, inputs: record.inputs.length, outputs: record.outputs.length, parameters: parametersOf(form, states) };
}
