// Nodes with graphs of their own.
import { UsageError } from '../../../core/errors';
import * as A from '../../../generated/functions';
import { tensor } from '../../../tensor/create';
import type { Tensor } from '../../../tensor/tensor';
import { fix, numberIn } from '../host-values';
import type { Row } from '../node';
import type { Rows } from './family';

const choice: Row = (node) => {
  const [then, otherwise] = [node.graph('then_branch'), node.graph('else_branch')];
  const condition = node.number(0);
  return (inputs, run) => run.run(condition(inputs) !== 0 ? then : otherwise, []);
};

const loop: Row = (node) => {
  const body = node.graph('body');
  const [limit, first] = [node.number(0), node.number(1)];
  const carriedCount = body.inputs.length - 2;
  const scanCount = body.outputs.length - 1 - carriedCount;
  if (carriedCount < 0 || scanCount < 0) throw node.refusal(`its body has ${body.inputs.length} inputs and ${body.outputs.length} outputs, too few of a loop`);
  return (inputs, run) => {
    const most = limit(inputs) ?? Infinity;
    let goes = (first(inputs) ?? 1) !== 0;
    let carried = inputs.slice(2).map((t) => t!);
    const scans = Array.from({ length: scanCount }, (): Tensor[] => []);
    for (let i = 0; i < most && goes; i++) {
      const [condition, ...made] = run.run(body, [fix(tensor(BigInt(i))), fix(tensor(goes)), ...carried]);
      goes = numberIn(condition!, node.label) !== 0;
      carried = made.slice(0, carriedCount);
      scans.forEach((list, at) => list.push(run.retain(made[carriedCount + at]!)));
    }
    const stacked = scans.map((list, i) => {
      if (list.length > 0) return A.stack(list);
      if (node.hasOutput(carriedCount + i)) throw new UsageError(`${node.label}: it ran no time, so the shape of what it collects is not known`, 'forward');
      return null;
    });
    return [...carried, ...stacked];
  };
};

const scan: Row = (node) => {
  const body = node.graph('body');
  if (node.opset < 9) throw node.refusal(`it is computed as of operator set 9, got ${node.opset}`);
  const given = node.int('num_scan_inputs', 0);
  const states = body.inputs.length - given;
  const scanned = body.outputs.length - states;
  const list = (name: string, count: number): readonly number[] => node.ints(name) ?? new Array<number>(count).fill(0);
  const [axes, outAxes] = [list('scan_input_axes', given), list('scan_output_axes', scanned)];
  const [directions, outDirections] = [list('scan_input_directions', given), list('scan_output_directions', scanned)];
  return (inputs, run) => {
    let carried = inputs.slice(0, states).map((t) => t!);
    const sequences = inputs.slice(states).map((t) => t!);
    const length = sequences[0]!.shape.at(axes[0]!)!;
    const scans = Array.from({ length: scanned }, (): Tensor[] => []);
    for (let i = 0; i < length; i++) {
      const parts = sequences.map((t, at) => A.select(t, axes[at]!, directions[at] === 1 ? length - 1 - i : i));
      const made = run.run(body, [...carried, ...parts]);
      carried = made.slice(0, states);
      scans.forEach((kept, at) => kept.push(run.retain(made[states + at]!)));
    }
    const stacked = scans.map((kept, at) => A.stack(outDirections[at] === 1 ? kept.reverse() : kept, outAxes[at]));
    return [...carried, ...stacked];
  };
};

export const control = (): Rows => ({ If: choice, Loop: loop, Scan: scan });
