// Kernels over rows: elementwise ones, reductions, and what takes several in one pass, as softmax does.
//
// A kernel has a row for each element of `outer`, and in it an element for each of `inner`. Stages fold a value over the row one after
// the other; a later one, and what is written, may use what earlier ones found. An elementwise kernel has rows of one element and no
// stages.
import { count, dense, type Layout } from './layout';
import { type Kind, type Lazy, type Store } from './lazy';
import { Bindings, Statements, THREADS, literal, shader, spreadGroups, type Dispatch } from './shader';

/** How a stage folds. */
export type Fold = 'sum' | 'product' | 'max' | 'min';

export interface Stage {
  readonly fold: Fold;
  /** Of the shape `outer` and `inner` together; f32 or i32. */
  readonly value: Lazy;
}

/** What is written: an element a row, of the shape `outer`, or all of them, of both shapes. */
export interface Written {
  readonly store: Store;
  readonly value: Lazy;
  readonly per: 'row' | 'element';
  /** Where; row after row if not said. */
  readonly layout?: Layout;
}

export interface Rows {
  readonly label: string;
  readonly outer: readonly number[];
  readonly inner: readonly number[];
  readonly stages: readonly Stage[];
  readonly outputs: readonly Written[];
}

/** NaN is greater and less than anything, as in PyTorch. */
const FOLDS: Readonly<Record<Fold, (a: string, b: string, kind: Kind) => string>> = {
  sum: (a, b) => `${a} + ${b}`,
  product: (a, b) => `${a} * ${b}`,
  max: (a, b, kind) => (kind === 'f32' ? `select(${a}, ${b}, ${b} > ${a} || is_nan(${b}))` : `max(${a}, ${b})`),
  min: (a, b, kind) => (kind === 'f32' ? `select(${a}, ${b}, ${b} < ${a} || is_nan(${b}))` : `min(${a}, ${b})`),
};

function neutral(fold: Fold, kind: Kind): string {
  const limit = kind === 'f32' ? Infinity : 2147483647;
  return literal({ sum: 0, product: 1, max: kind === 'f32' ? -limit : -limit - 1, min: limit }[fold], kind);
}

/** Rows of which a thread takes one each; longer or fewer ones have a workgroup each. */
const SHORT = 32;

/** The kernel; null where there is nothing to write. */
export function rowsKernel(rows: Rows): Dispatch | null {
  const [total, length] = [count(rows.outer), count(rows.inner)];
  if (total === 0 || (length === 0 && rows.outputs.every(({ per }) => per === 'element'))) return null;
  const alone = rows.stages.length === 0 || length <= SHORT || (total >= 4096 && length <= 8 * SHORT);
  return alone ? byThreads(rows, total, length) : byGroups(rows, total, length);
}

/** The loop that folds a stage into `name`. */
function folding({ inner, outer }: Rows, bindings: Bindings, { fold, value }: Stage, name: string, loop: string): string[] {
  const body = new Statements(bindings, [{ shape: outer, flat: 'row' }, { shape: inner, flat: 'at' }], 'v', (k) => `r${k}`);
  const next = body.value(value);
  return [
    `var ${name}: ${value.kind} = ${neutral(fold, value.kind)};`,
    `for (${loop}) {`,
    ...body.lines.map((line) => `  ${line}`),
    `  ${name} = ${FOLDS[fold](name, next, value.kind)};`,
    '}',
  ];
}

/** What is written of all elements, within a loop. */
function elements(rows: Rows, bindings: Bindings): string[] {
  const body = new Statements(bindings, [{ shape: rows.outer, flat: 'row' }, { shape: rows.inner, flat: 'at' }], 'e', (k) => `r${k}`);
  return written(rows, body, 'element', [...rows.outer, ...rows.inner]);
}

/** What is written once a row. */
function results(rows: Rows, bindings: Bindings): string[] {
  const body = new Statements(bindings, [{ shape: rows.outer, flat: 'row' }], 'o', (k) => `r${k}`);
  return written(rows, body, 'row', rows.outer);
}

/** All values come before all writes: a buffer may be read and written. */
function written(rows: Rows, body: Statements, per: Written['per'], shape: readonly number[]): string[] {
  const outputs = rows.outputs.filter((output) => output.per === per);
  const values = outputs.map(({ value }) => body.value(value));
  const writes = outputs.map(({ store, value, layout }, i) => body.write(store, layout ?? dense(shape), values[i]!, value.kind));
  return [...body.lines, ...writes];
}

function byThreads(rows: Rows, total: number, length: number): Dispatch {
  const bindings = new Bindings();
  const { groups, number } = spreadGroups(Math.ceil(total / THREADS));
  const body = [`let row = ${number} * ${THREADS} + i32(thread);`, `if (row >= ${total}) { return; }`];
  rows.stages.forEach((stage, k) => {
    body.push(...folding(rows, bindings, stage, `s${k}`, `var at = 0; at < ${length}; at++`), `let r${k} = s${k};`);
  });
  body.push(...results(rows, bindings));
  if (rows.outputs.some(({ per }) => per === 'element')) {
    body.push(`for (var at = 0; at < ${length}; at++) {`, ...elements(rows, bindings).map((line) => `  ${line}`), '}');
  }
  return dispatch(rows, bindings, groups, [], body, total * Math.max(1, length));
}

function byGroups(rows: Rows, total: number, length: number): Dispatch {
  const bindings = new Bindings();
  const { groups, number } = spreadGroups(total);
  const body = [`let row = ${number};`, `if (row >= ${total}) { return; }`];
  const loop = `var at = i32(thread); at < ${length}; at += ${THREADS}`;
  const kinds = new Set(rows.stages.map(({ value }) => value.kind));
  rows.stages.forEach((stage, k) => {
    const { fold, value: { kind } } = stage;
    const all = `all_${kind}`;
    body.push(
      ...folding(rows, bindings, stage, `s${k}`, loop),
      `${all}[thread] = s${k};`,
      'workgroupBarrier();',
      `for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {`,
      `  if (thread < half) { let a = ${all}[thread]; let b = ${all}[thread + half]; ${all}[thread] = ${FOLDS[fold]('a', 'b', kind)}; }`,
      '  workgroupBarrier();',
      '}',
      `let r${k} = ${all}[0];`,
      'workgroupBarrier();',
    );
  });
  const once = results(rows, bindings);
  if (rows.outputs.some(({ per }) => per === 'row')) body.push('if (thread == 0u) {', ...once.map((line) => `  ${line}`), '}');
  if (rows.outputs.some(({ per }) => per === 'element')) body.push(`for (${loop}) {`, ...elements(rows, bindings).map((line) => `  ${line}`), '}');
  const declarations = [...kinds].map((kind) => `var<workgroup> all_${kind}: array<${kind}, ${THREADS}>;`);
  return dispatch(rows, bindings, groups, declarations, body, total * length);
}

function dispatch(
  { label }: Rows, bindings: Bindings, groups: Dispatch['groups'], declarations: readonly string[], body: readonly string[], work: number,
): Dispatch {
  return { is: 'dispatch', label, code: shader(bindings, THREADS, declarations, body), groups, bindings: bindings.list, work };
}
