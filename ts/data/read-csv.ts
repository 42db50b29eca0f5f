// Tables of comma-separated values, as RFC 4180 describes them.
import { FormatError, UsageError } from '../core/errors';
import { anything, boolean, dtype as dtypeKind, kind, list, text } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import type { DType } from '../core/dtype';
import { tensor } from '../tensor/create';
import type { Tensor } from '../tensor/tensor';
import { bytesOf, fileSource, type FileSource } from './bytes';

/** How a table is written. */
export interface CsvOptions {
  /** Whether the first line names the columns; true by default. Otherwise they are '0', '1', … */
  header?: boolean;
  /** What is between values: a comma by default. */
  delimiter?: string;
}

const one = /* @__PURE__ */ kind<string>('one character, other than a quote or an end of line', (value) => typeof value === 'string' && /^[^"\r\n]$/u.test(value));

/** The arguments of `readCsv`. */
export interface ReadCsvArguments extends CsvOptions {
  /** The file, or its bytes in UTF-8. */
  source: FileSource;
}

/**
 * Reads a file of comma-separated values.
 *
 * ```ts
 * const table = data.readCsv('iris.csv');
 * const x = table.tensor(['sepal_length', 'sepal_width']); // [150, 2]
 * const names = table.column('species'); // texts
 * ```
 *
 * @throws FormatError for a line with too many or too few values and for a quote without an end, saying where.
 */
export const readCsv: Stated & ((...args: Arguments<ReadCsvArguments, ['source', 'header', 'delimiter']>) => CsvTable) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<ReadCsvArguments>('readCsv', () => ({ source: fileSource, header: boolean.or(true), delimiter: one.or(',') })),
  ({ source, ...options }) => tableOf('readCsv', new TextDecoder().decode(bytesOf('readCsv', source)), options),
);

/** Reads comma-separated values from a text, as `readCsv` does from a file. */
export const parseCsv: Stated & ((...args: Arguments<{ text: string } & CsvOptions, ['text', 'header', 'delimiter']>) => CsvTable) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ text: string } & CsvOptions>('parseCsv', () => ({ text, header: boolean.or(true), delimiter: one.or(',') })),
  ({ text: given, ...options }) => tableOf('parseCsv', given, options),
);

const COLUMN = /* @__PURE__ */ parameters<{ name: string }>('column', () => ({ name: text }));
const TENSOR = /* @__PURE__ */ parameters<{ names?: readonly string[] | null; dtype?: DType }>('tensor', () => ({
  names: list('names of columns', text).orNull(),
  dtype: dtypeKind.or('float32'),
}));

/** The values of a table, as texts; `tensor()` makes numbers of them. */
export class CsvTable {
  /** @internal */
  static readonly _parameters = /* @__PURE__ */ parameters<{ names: readonly string[]; rows: readonly (readonly string[])[] }>('CsvTable', () => ({
    names: list('names of columns', text),
    rows: anything,
  }));
  /** The names of the columns. */
  readonly names: readonly string[];
  /** The values, row by row. */
  readonly rows: readonly (readonly string[])[];

  constructor(...args: Arguments<{ names: readonly string[]; rows: readonly (readonly string[])[] }, ['names', 'rows']>) {
    const { names, rows } = CsvTable._parameters.read(args);
    const given: unknown = rows;
    const fits = Array.isArray(given) && given.every((row) => Array.isArray(row) && row.length === names.length && row.every((value) => typeof value === 'string'));
    if (!fits) throw new UsageError(`CsvTable: rows must be lists of ${names.length} texts, one for each name`, 'CsvTable');
    this.names = names;
    this.rows = rows;
  }

  /** How many rows there are. */
  get length(): number {
    return this.rows.length;
  }

  /** The texts of a column. */
  column(...args: Arguments<{ name: string }, ['name']>): string[] {
    const at = this.indexOf('column', COLUMN.read(args).name);
    return this.rows.map((row) => row[at]!);
  }

  /**
   * The numbers of some columns, all of them by default: a tensor of shape [rows, columns]. An empty value is NaN.
   *
   * @throws FormatError for a value that is not a number, saying its row and column.
   */
  tensor(...args: Arguments<{ names?: readonly string[] | null; dtype?: DType }, ['names', 'dtype']>): Tensor {
    const { names, dtype } = TENSOR.read(args);
    const columns = (names ?? this.names).map((name) => this.indexOf('tensor', name));
    const values = new Float64Array(this.rows.length * columns.length);
    let next = 0;
    this.rows.forEach((row, i) => {
      for (const at of columns) values[next++] = numberOf(row[at]!, i, this.names[at]!);
    });
    const flat = tensor(Array.from(values), { dtype });
    const shaped = flat.view([this.rows.length, columns.length]);
    flat.dispose();
    return shaped;
  }

  private indexOf(where: string, name: string): number {
    const at = this.names.indexOf(name);
    if (at >= 0) return at;
    throw new UsageError(`${where}: there is no column ${JSON.stringify(name)}; the columns are ${this.names.join(', ')}`, where);
  }
}

function numberOf(value: string, row: number, column: string): number {
  const trimmed = value.trim();
  if (trimmed === '') return NaN;
  const number = Number(trimmed);
  if (!Number.isNaN(number) || /^nan$/i.test(trimmed)) return number;
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  throw new FormatError(`tensor: ${JSON.stringify(value)} in row ${row} of column ${JSON.stringify(column)} is not a number; leave the column out, or make numbers of column()`, 'tensor', { row, column });
}

function tableOf(where: string, text: string, { header, delimiter }: Required<CsvOptions>): CsvTable {
  const lines = linesOf(where, text.startsWith('\ufeff') ? text.slice(1) : text, delimiter);
  const first = lines[0]?.values ?? [];
  const names = header ? first : first.map((_, i) => String(i));
  const body = header ? lines.slice(1) : lines;
  for (const { values, line } of body) {
    if (values.length !== names.length) {
      throw new FormatError(`${where}: line ${line} has ${values.length} values, expected ${names.length}`, where, { line });
    }
  }
  return new CsvTable(names, body.map(({ values }) => values));
}

/** The values of each line, and its number; lines without anything are left out. */
function linesOf(where: string, text: string, delimiter: string): { values: string[]; line: number }[] {
  const lines: { values: string[]; line: number }[] = [];
  let values: string[] = [];
  let line = 1;
  let started = 1;
  let at = 0;
  const endOfLine = (): void => {
    if (values.length > 1 || values[0] !== '') lines.push({ values, line: started });
    values = [];
    started = line;
  };
  while (at < text.length) {
    if (text[at] === '"') {
      let value = '';
      for (let from = at + 1; ; ) {
        const quote = text.indexOf('"', from);
        if (quote < 0) throw new FormatError(`${where}: the quote in line ${line} has no end`, where, { line });
        value += text.slice(from, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        value += '"';
        from = at + 1;
      }
      line += value.split('\n').length - 1;
      if (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        throw new FormatError(`${where}: line ${line} goes on after a quote, expected ${JSON.stringify(delimiter)} or its end`, where, { line });
      }
      values.push(value);
    } else {
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++;
      values.push(text.slice(at, end));
      at = end;
    }
    if (text[at] === delimiter) {
      at++;
      // A value follows, be it empty.
      if (at === text.length || text[at] === '\n' || text[at] === '\r') values.push('');
    }
    if (text[at] === '\r' || text[at] === '\n') {
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
      line++;
      endOfLine();
    }
  }
  if (values.length > 0) endOfLine();
  return lines;
}
