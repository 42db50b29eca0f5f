// How tensors print: PyTorch's rules (torch/_tensor_str.py), with JavaScript's names and bools.
import { refuseInCapture } from '../core/capturing';
import { BOOL, codeOf, isFloatCode } from '../core/dtype';
import { UsageError } from '../core/errors';
import { inspect } from '../core/symbols';
import { printSettings } from './print-options';
import { formatterOf, type Formatter } from './print-numbers';
import { values as valuesOf } from './read';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import type { TypedArray } from '../core/types';
import { gradFnName } from '../runtime/texts';
import { wasm } from '../runtime/wasm';

const PREFIX = 'tensor(';

/** The tensor as text. A text holds values, so it is refused while a function is captured. */
export function print(t: Tensor): string {
  if (t.isDisposed) return 'tensor(disposed)';
  refuseInCapture('toString', 'print');
  const { shape, dtype } = t;
  const suffixes: string[] = [];
  const isEmpty = t.numel() === 0;
  const isSample = wasm().is_sample(t._handle) === 1;
  if (isSample || (isEmpty ? shape.length !== 1 : printSettings.edgeitems === 0)) suffixes.push(`size=[${shape.join(', ')}]`);
  const isUsual = dtype === 'float32' || (!isEmpty && (dtype === 'int64' || dtype === 'bool'));
  if (!isUsual) suffixes.push(`dtype=${dtype}`);
  const gradFn = gradFnName(t._handle);
  if (gradFn !== '') suffixes.push(`gradFn=<${gradFn}>`);
  else if (t.requiresGrad) suffixes.push('requiresGrad=true');
  return withSuffixes(PREFIX + (isSample ? 'samples of vmap' : isEmpty ? '[]' : body(t)), suffixes);
}

function withSuffixes(text: string, suffixes: readonly string[]): string {
  let out = text;
  let last = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes) {
    if (last + suffix.length + 2 > printSettings.linewidth) {
      out += `,\n${' '.repeat(PREFIX.length)}${suffix}`;
      last = PREFIX.length + suffix.length;
    } else {
      out += `, ${suffix}`;
      last += suffix.length + 2;
    }
  }
  return `${out})`;
}

/** A window on row-major values. */
interface View {
  readonly shape: readonly number[];
  readonly at: (offset: number) => number | bigint;
  readonly isSummary: boolean;
}

function body(t: Tensor): string {
  const values: TypedArray = valuesOf(t, 'toString');
  const view: View = { shape: t.shape, at: (i) => values[i]!, isSummary: values.length > printSettings.threshold };
  const shown: (number | bigint)[] = [];
  collect(view, 0, 0, values.length, shown);
  const code = codeOf(t.dtype)!;
  const format = formatterOf(shown, code === BOOL ? 'bool' : isFloatCode(code) ? 'float' : 'integer');
  const text = lines(view, 0, 0, values.length, PREFIX.length, format);
  wasm().unpark();
  return text;
}

/** The indexes of a dim that are shown, -1 for the gap between them. */
function shownIndexes(size: number, isSummary: boolean): number[] {
  const { edgeitems } = printSettings;
  if (!isSummary || size <= 2 * edgeitems) return Array.from({ length: size }, (_, i) => i);
  const edge = Array.from({ length: edgeitems }, (_, i) => i);
  return [...edge, -1, ...edge.map((i) => size - edgeitems + i)];
}

function collect(view: View, dim: number, offset: number, count: number, into: (number | bigint)[]): void {
  if (dim === view.shape.length) {
    into.push(view.at(offset));
    return;
  }
  const size = view.shape[dim]!;
  const step = count / size;
  for (const i of shownIndexes(size, view.isSummary)) {
    if (i >= 0) collect(view, dim + 1, offset + i * step, step, into);
  }
}

function lines(view: View, dim: number, offset: number, count: number, indent: number, format: Formatter): string {
  const left = view.shape.length - dim;
  if (left === 0) return format.text(view.at(offset));
  const size = view.shape[dim]!;
  const step = count / size;
  const indexes = shownIndexes(size, view.isSummary);
  if (left === 1) {
    const items = indexes.map((i) => (i < 0 ? (indexes.length === 1 ? '...' : ' ...') : format.text(view.at(offset + i))));
    const perLine = Math.max(1, Math.floor((printSettings.linewidth - indent) / (format.width + 2)));
    const rows: string[] = [];
    for (let i = 0; i < items.length; i += perLine) rows.push(items.slice(i, i + perLine).join(', '));
    return `[${rows.join(`,\n${' '.repeat(indent + 1)}`)}]`;
  }
  const slices = indexes.map((i) => (i < 0 ? '...' : lines(view, dim + 1, offset + i * step, step, indent + 1, format)));
  return `[${slices.join(`,${'\n'.repeat(left - 1)}${' '.repeat(indent + 1)}`)}]`;
}

export interface TensorPrinting {
  /** As PyTorch prints it. */
  toString(): string;

  /** As Node shows it. */
  [inspect](): string;

  /** JavaScript has no operators for tensors; quietly making numbers of them would lose gradients. */
  [Symbol.toPrimitive](hint: string): string;
}

export const printing: Members = /* @__PURE__ */ membersOf<TensorPrinting>({
  toString() {
    return print(this);
  },
  [inspect]() {
    return this.toString();
  },
  [Symbol.toPrimitive](hint: string) {
    if (hint === 'string') return this.toString();
    throw new UsageError('tensors have no operators in JavaScript; use methods such as add() and mul(), or item() for a number', '');
  },
});
