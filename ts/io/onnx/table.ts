// The operators, one row each; a file is a family of them.
import type { FileNode } from './model';
import type { Node } from './node';
import type { Table } from './program';
import { attending } from './rows/attention';
import { contractions } from './rows/contractions';
import { control } from './rows/control';
import { elementwise } from './rows/elementwise';
import { indexing } from './rows/indexing';
import { normalization } from './rows/normalization';
import { recurrent } from './rows/recurrent';
import { reductions } from './rows/reductions';
import { resampling } from './rows/resampling';
import { shapes } from './rows/shapes';
import { windowed } from './rows/windows';
import { madeTensor, type FileTensor } from './tensor';

/** The table. Made when it is asked for, so that pages which import no model do not have it. */
export function table(): Table {
  const families = [elementwise(), reductions(), shapes(), indexing(), contractions(), attending(), windowed(), normalization(), recurrent(), resampling(), control()];
  return { rows: new Map(families.flatMap((rows) => Object.entries(rows))), constantOf };
}

/** The tensor of a node of the operator Constant. */
function constantOf(node: Node, { op, outputs, at }: FileNode): FileTensor | null {
  if (op !== 'Constant') return null;
  const name = outputs[0] ?? '';
  for (const [attribute, dtype] of [['value_float', 'float32'], ['value_int', 'int64']] as const) {
    if (node.has(attribute)) return madeTensor(name, dtype, [], [dtype === 'float32' ? node.float(attribute, 0) : node.int(attribute, 0)], at);
  }
  const [floats, ints] = [node.floats('value_floats'), node.ints('value_ints')];
  if (floats !== null) return madeTensor(name, 'float32', [floats.length], floats, at);
  if (ints !== null) return madeTensor(name, 'int64', [ints.length], ints, at);
  const tensor = node.tensor('value');
  if (tensor === null) throw node.refusal('its value is no dense tensor, float or integer');
  return tensor;
}
