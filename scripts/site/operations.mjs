// How operations are called, by public name: what a worker needs to run a record of `capture()` call by call.
import { readFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

const TENSOR = new Set(['Tensor', 'TensorOrNumber', 'TensorOrWide', 'Scalar']);
const LIST = new Set(['Tensors', 'TensorsSpread', 'OptionalTensors']);

/** By name its forms: where it is public, the parameters that take tensors in their order (a list as `...name`), and the others. */
export function operations() {
  const table = {};
  for (const { name, surface, args } of JSON.parse(readFileSync(inRoot('test', 'generated', 'manifest.json'), 'utf8'))) {
    const tensors = args.flatMap(({ name, kind }) => (TENSOR.has(kind) ? [name] : LIST.has(kind) ? [`...${name}`] : []));
    if (tensors.length === 0) continue;
    const others = args.map(({ name }) => name).filter((name) => !tensors.includes(name) && !tensors.includes(`...${name}`));
    (table[name] ??= []).push({ surface, tensors, others });
  }
  return table;
}
