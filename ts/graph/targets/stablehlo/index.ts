// exportStableHlo(): a captured program as StableHLO text.
import { UsageError } from '../../../core/errors';
import type { Tensor } from '../../../tensor/tensor';
import type { LoweredCall } from '../../core-form/record';
import type { Lowered } from '../../lowered';
import { checkOps, elementsOf, exporter, parametersOf, stateOf, type Exporter } from '../target';
import { ROWS } from './table';
import { Text, typeOf } from './text';

/** A program as StableHLO. */
export interface StableHloProgram {
  /** The module, whose function is `main`. */
  readonly text: string;
  /** The names of the arguments of `main`: `input_0` and so on, and then what it takes of `parameters`. */
  readonly inputs: readonly string[];
  /** The names of its results: `output_0` and so on, and then `next.NAME` for what takes the place of `NAME`. */
  readonly outputs: readonly string[];
  /** Which result takes the place of which argument for the next step. */
  readonly updates: Readonly<Record<string, string>>;
  /** Parameters, buffers, states of optimizers, `lr` and `step`, to be saved beside it. The caller releases them. */
  readonly parameters: Readonly<Record<string, Tensor>>;
}

/**
 * The program `captured` as the text of a StableHLO module, which XLA compiles for any number of devices, a whole training step too.
 *
 * Parameters and all else that has a name are arguments behind the inputs; what a step changes is a result each. Shapes are those of
 * the capture. An op that the target lacks, such as a random one, is an error that lists all such ops with how often each is called.
 */
export const exportStableHlo: Exporter<StableHloProgram> = /* @__PURE__ */ exporter('exportStableHlo', written);

/** Groups of a transposed convolution lie in other dims of the filter than here. */
const has = ({ op, attributes }: LoweredCall): boolean => Object.hasOwn(ROWS, op) && !(op === 'convTranspose2d' && attributes['groups'] !== 1);

function written(form: Lowered): StableHloProgram {
  const { record } = form;
  checkOps('exportStableHlo', record, has);
  const text = new Text();
  const names: string[] = [];
  const states = stateOf(record);
  const taken = [...record.inputs.map((value, i) => ({ value, name: `input_${i}` })), ...states.map(({ constant, name }) => ({ value: constant.value, name }))];
  taken.forEach(({ value }, i) => { names[value] = `%arg${i}`; });
  for (const constant of record.constants) {
    if (names[constant.value] !== undefined) continue;
    names[constant.value] = text.constant(record.values[constant.value]!, elementsOf('exportStableHlo', form, constant));
  }
  for (const call of record.calls) {
    if (call.inputs.includes(null)) throw new UsageError(`exportStableHlo: ${call.op} leaves an input out`, 'exportStableHlo');
    const inputs = call.inputs.map((value) => [names[value!]!, record.values[value!]!] as const);
    const made = ROWS[call.op]!({ text, call, inputs, made: call.outputs.map((value) => record.values[value]!) });
    call.outputs.forEach((value, i) => { names[value] = made[i]!; });
  }
  const changed = states.filter(({ next }) => next !== null);
  const results = [...record.outputs, ...changed.map(({ next }) => next!)];
  const types = results.map((value) => typeOf(record.values[value]!));
  const args = taken.map(({ value }, i) => `%arg${i}: ${typeOf(record.values[value]!)}`);
  const end = `    return ${results.map((value) => names[value]).join(', ')} : ${types.join(', ')}`;
  return {
    text: `module @step {\n  func.func public @main(${args.join(', ')}) -> (${types.join(', ')}) {\n${text.finish()}\n${end}\n  }\n}\n`,
    inputs: taken.map(({ name }) => name),
    outputs: [...record.outputs.map((_, i) => `output_${i}`), ...changed.map(({ name }) => `next.${name}`)],
    updates: Object.fromEntries(changed.map(({ name }) => [name, `next.${name}`])),
    parameters: parametersOf(form, states),
  };
}
