// Sums of products over shared dims: matrix products, and convolutions, whose images are products of what windows see.
import { count, dense } from './layout';
import { type Factors, type Lazy, type Store } from './lazy';
import { Bindings, Statements, THREADS, shader, spreadGroups, type Dispatch } from './shader';

/** A product, and what is written of it: `value` is computed of the sums, which it holds as `pending`. */
export interface Product extends Factors {
  /** Of the shape `[...batch, ...m, ...n]`. */
  readonly value: Lazy;
  readonly out: Store;
}

/** Threads along both sides of a tile, and what a tile takes of the summed dims at a time. */
const SIDE = 16;
const DEPTH = 16;

/** Multiply-adds, and terms of a sum, up to which a tile would not pay: drivers take ten times longer to compile its text than that without. */
const FEW = 2 ** 20;
const SHORT = 256;

/** Elements a thread computes along a side of this length. */
function share(size: number): number {
  return size > 2 * SIDE ? 4 : size > SIDE ? 2 : 1;
}

/** The kernel, of which `float16` halves the factors' parts in shared memory; null where there is nothing to write. */
export function productKernel(product: Product, float16: boolean): Dispatch | null {
  const [batches, rows, columns, depth] = [count(product.batch), count(product.m), count(product.n), count(product.k)];
  if (batches * rows * columns === 0) return null;
  return depth <= SHORT && batches * rows * columns * depth <= FEW ? byThreads(product) : byTiles(product, float16);
}

/** A thread for each sum. */
function byThreads({ label, batch, m, n, k, left, right, value, out }: Product): Dispatch {
  const [rows, columns, depth] = [count(m), count(n), count(k)];
  const total = count(batch) * rows * columns;
  const bindings = new Bindings();
  const { groups, number } = spreadGroups(Math.ceil(total / THREADS));
  const read = (operand: Lazy, dims: readonly number[], flat: string, prefix: string): { lines: readonly string[]; element: string } => {
    const at = new Statements(bindings, [{ shape: batch, flat: 'batch' }, { shape: dims, flat }, { shape: k, flat: 'at' }], prefix);
    const element = at.value(operand);
    return { lines: at.lines, element };
  };
  const [l, r] = [read(left, m, 'row', 'l'), read(right, n, 'column', 'r')];
  const end = new Statements(bindings, [{ shape: batch, flat: 'batch' }, { shape: m, flat: 'row' }, { shape: n, flat: 'column' }], 'o', () => 'total');
  const result = end.value(value);
  const write = end.write(out, dense([...batch, ...m, ...n]), result, value.kind);
  const body = [
    `let one = ${number} * ${THREADS} + i32(thread);`,
    `if (one >= ${total}) { return; }`,
    `let batch = one / ${rows * columns};`,
    `let row = one / ${columns} % ${rows};`,
    `let column = one % ${columns};`,
    'var total = 0.0;',
    `for (var at = 0; at < ${depth}; at++) {`,
    ...[...l.lines, ...r.lines].map((line) => `  ${line}`),
    `  total = fma(${l.element}, ${r.element}, total);`,
    '}',
    ...end.lines,
    write,
  ];
  return { is: 'dispatch', label, code: shader(bindings, THREADS, [], body), groups, bindings: bindings.list, work: total * depth };
}

/** A workgroup for each tile, which goes through the summed dims with both operands' parts in shared memory. */
function byTiles({ label, batch, m, n, k, left, right, value, out }: Product, float16: boolean): Dispatch {
  const [batches, rows, columns, depth] = [count(batch), count(m), count(n), count(k)];
  const [high, wide] = [share(rows), share(columns)];
  const [tall, broad] = [SIDE * high, SIDE * wide];
  const bindings = new Bindings();
  const read = (tile: string, side: number, operand: Lazy, dims: readonly number[], size: number, first: string): string[] => {
    const at = new Statements(bindings, [{ shape: batch, flat: 'batch' }, { shape: dims, flat: 'line' }, { shape: k, flat: 'at' }], 'v');
    const value = at.value(operand);
    return [
      `for (var i = i32(thread); i < ${side * DEPTH}; i += ${SIDE * SIDE}) {`,
      `  let line = ${first} + i / ${DEPTH};`,
      `  let at = from_k + i % ${DEPTH};`,
      '  var element = 0.0;',
      `  if (line < ${size} && at < ${depth}) {`,
      ...at.lines.map((text) => `    ${text}`),
      `    element = ${value};`,
      '  }',
      `  ${tile}[(i % ${DEPTH}) * ${side + 1} + i / ${DEPTH}] = ${float16 ? 'f16(element)' : 'element'};`,
      '}',
    ];
  };
  const end = new Statements(bindings, [{ shape: batch, flat: 'batch' }, { shape: m, flat: 'row' }, { shape: n, flat: 'column' }], 'o', () => 'total');
  const result = end.value(value);
  const write = end.write(out, dense([...batch, ...m, ...n]), result, value.kind);
  const inFloat32 = (element: string): string => (float16 ? `f32(${element})` : element);
  const sums = Array.from({ length: high * wide }, (_, i) => i);
  const body = [
    `let batch = i32(group.z);`,
    `let first_row = i32(group.y) * ${tall};`,
    `let first_column = i32(group.x) * ${broad};`,
    `let y = i32(thread) / ${SIDE};`,
    `let x = i32(thread) % ${SIDE};`,
    ...sums.map((i) => `var sum${i} = 0.0;`),
    `for (var from_k = 0; from_k < ${depth}; from_k += ${DEPTH}) {`,
    ...[...read('lefts', tall, left, m, rows, 'first_row'), ...read('rights', broad, right, n, columns, 'first_column')].map((line) => `  ${line}`),
    '  workgroupBarrier();',
    `  for (var d = 0; d < ${DEPTH}; d++) {`,
    ...Array.from({ length: high }, (_, i) => `    let l${i} = ${inFloat32(`lefts[d * ${tall + 1} + y + ${i * SIDE}]`)};`),
    ...Array.from({ length: wide }, (_, j) => `    let r${j} = ${inFloat32(`rights[d * ${broad + 1} + x + ${j * SIDE}]`)};`),
    ...sums.map((i) => `    sum${i} = fma(l${Math.floor(i / wide)}, r${i % wide}, sum${i});`),
    '  }',
    '  workgroupBarrier();',
    '}',
    ...sums.flatMap((i) => [
      '{',
      `  let row = first_row + y + ${Math.floor(i / wide) * SIDE};`,
      `  let column = first_column + x + ${(i % wide) * SIDE};`,
      `  if (row < ${rows} && column < ${columns}) {`,
      `    let total = sum${i};`,
      ...end.lines.map((line) => `    ${line}`),
      `    ${write}`,
      '  }',
      '}',
    ]),
  ];
  const declarations = [
    `var<workgroup> lefts: array<${float16 ? 'f16' : 'f32'}, ${DEPTH * (tall + 1)}>;`,
    `var<workgroup> rights: array<${float16 ? 'f16' : 'f32'}, ${DEPTH * (broad + 1)}>;`,
  ];
  return {
    is: 'dispatch',
    label,
    code: `${float16 ? 'enable f16;\n' : ''}${shader(bindings, SIDE * SIDE, declarations, body)}`,
    groups: [Math.ceil(columns / broad), Math.ceil(rows / tall), batches],
    bindings: bindings.list,
    work: batches * rows * columns * depth,
  };
}
