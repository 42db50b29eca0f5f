// exportOnnx(): a captured program as an ONNX model.
import { UsageError } from '../../../core/errors';
import type { Tensor } from '../../../tensor/tensor';
import { elements as countOf } from '../../core-form/builder';
import type { LoweredConstant } from '../../core-form/record';
import type { Lowered } from '../../lowered';
import { bytesOf, checkOps, exporter, parametersOf, stateOf, type Exporter, type State } from '../target';
import { Model } from './model';
import { ROWS } from './table';

/** The version of the operator set: the first in which every node of the table is as it is used. */
const OPSET = 18;

/** The greatest constant of equal elements that is written out; larger ones are made by a node. */
const WRITTEN_OUT = 16;

/** A program as an ONNX model. */
export interface OnnxProgram {
  /** The model, an `.onnx` file. */
  readonly model: Uint8Array;
  /** The names of its inputs: those of the function, in order, and then what it takes of `parameters`. */
  readonly inputs: readonly string[];
  /** The names of its outputs: those of the function, in order, and then what takes the place of parameters. */
  readonly outputs: readonly string[];
  /** Which output takes the place of which input for the next step. */
  readonly updates: Readonly<Record<string, string>>;
  /** Parameters, buffers, states of optimizers, `lr` and `step`, to be saved beside it. The caller releases them. */
  readonly parameters: Readonly<Record<string, Tensor>>;
}

/**
 * The program `captured` as an ONNX model of operator set 18, a whole training step too.
 *
 * What a step changes is an input and an output each: parameters, states of optimizers, the count of steps; the learning rate `lr` is an
 * input. Parameters that nothing changes are initializers by their names, as in inference. Shapes are those of the capture. What it
 * computes is what the program computes up to rounding.
 *
 * An op that ONNX lacks, such as a random one, is an error that lists all such ops with how often each is called. Source: the ONNX
 * specification, https://onnx.ai/onnx/repo-docs/IR.html.
 */
export const exportOnnx: Exporter<OnnxProgram> = /* @__PURE__ */ exporter('exportOnnx', written);

function written(form: Lowered): OnnxProgram {
  const { record } = form;
  checkOps('exportOnnx', record, ({ op }) => Object.hasOwn(ROWS, op));
  // What no step changes is written into the model, but for the rate, which a host sets.
  const states = stateOf(record);
  const model = new Model(states.map(({ name }) => name));
  const names: string[] = [];
  const isTaken = ({ constant, next }: State): boolean => next !== null || constant.number !== undefined;
  const inputs = record.inputs.map((value, i) => {
    names[value] = model.free(`input_${i}`);
    model.input(names[value], record.values[value]!);
    return names[value];
  });
  for (const { constant: { value }, name } of states.filter(isTaken)) {
    names[value] = name;
    model.input(name, record.values[value]!);
    inputs.push(name);
  }
  const fixed = new Map(states.filter((state) => !isTaken(state)).map(({ constant, name }) => [constant, name]));
  for (const constant of record.constants) {
    if (names[constant.value] === undefined) names[constant.value] = constantOf(form, model, constant, fixed.get(constant));
  }
  for (const { op, inputs: read, outputs, attributes } of record.calls) {
    if (read.includes(null)) throw new UsageError(`exportOnnx: ${op} leaves an input out`, 'exportOnnx');
    const given = read.map((value) => value!);
    for (const value of outputs) names[value] = model.fresh();
    ROWS[op]!({
      model,
      call: { op, inputs: read, outputs, attributes },
      inputs: given.map((value) => names[value]!),
      outputs: outputs.map((value) => names[value]!),
      given: given.map((value) => record.values[value]!),
      made: outputs.map((value) => record.values[value]!),
    });
  }
  // A value may be several outputs, or an input too.
  const handedOut = (value: number, name: string): string => {
    model.node('Identity', [names[value]!], {}, [name]);
    model.output(name, record.values[value]!);
    return name;
  };
  const outputs = record.outputs.map((value, i) => handedOut(value, model.free(`output_${i}`)));
  const updates: Record<string, string> = {};
  for (const { name, next } of states) {
    if (next !== null) outputs.push((updates[name] = handedOut(next, model.free(`next.${name}`))));
  }
  return { model: model.finish('step', OPSET), inputs, outputs, updates, parameters: parametersOf(form, states) };
}

/** Writes a constant into the model; its name there. */
function constantOf(form: Lowered, model: Model, constant: LoweredConstant, named: string | undefined): string {
  const facts = form.record.values[constant.value]!;
  const name = named ?? model.fresh();
  const { number, elements } = constant;
  const count = countOf(facts.shape);
  if (number === undefined) model.initializer(name, facts, elements ?? bytesOf(form, constant.value));
  else if (count <= WRITTEN_OUT) model.initializer(name, facts, new Array<number>(count).fill(number));
  else model.node('ConstantOfShape', [model.list(facts.shape)], { value: { number, dtype: facts.dtype } }, [name]);
  return name;
}
