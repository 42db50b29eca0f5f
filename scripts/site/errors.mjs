// Errors by code: what each class means, from its definition, and which calls end in it, from the op table.
import { readFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';
import { typed } from './typed-code.mjs';

/** The classes in the order of their file: code and what the comment above says. */
export function errorClasses() {
  const text = readFileSync(inRoot('ts', 'core', 'errors.ts'), 'utf8');
  return [...text.matchAll(/\/\*\* ([^\n]*) \*\/\nexport class (\w+) extends AdjointError/g)].map(([, says, code]) => ({ code, says }));
}

/** Text in a cell of a table, as code. */
const cell = (text) => `\`${text.replaceAll('|', '\\|').replaceAll('`', "'")}\``;

const prose = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function calls(code, ops) {
  const rows = ops.filter(({ name }) => !name.startsWith('_')).flatMap(({ name, errors }) => errors.filter((error) => error.code === code).map(({ message, call }) => `| \`${name}\` | ${prose(call.label)} | ${cell(message)} |`));
  if (rows.length === 0) return '';
  return `\n<details><summary>${rows.length} calls of the op table that end in it</summary>\n\n| operation | call | the message has |\n|---|---|---|\n${rows.join('\n')}\n\n</details>\n`;
}

export function errorsPage() {
  const ops = JSON.parse(readFileSync(inRoot('test', 'generated', 'manifest.json'), 'utf8'));
  const sections = errorClasses().map(({ code, says }) => `## ${code}\n\n${says}\n${calls(code, ops)}`);
  return typed(`# Errors by code

Everything that goes wrong in Adjoint is an \`AdjointError\`. Its \`code\` is the name of its class, \`op\` the operation that failed, and \`details\` has facts
for programs, such as shapes. A message names the operation, what was given, what was expected and what to do.

\`\`\`ts
import { ShapeError, ones } from 'adjoint';

try {
  ones([2, 3]).matmul(ones([2, 3]));
} catch (error) {
  if (error instanceof ShapeError) console.log(error.code, error.op, error.details);
}
\`\`\`

The calls below are those that [tests of the op table](./ops/) make, so each error is thrown as it is said here.

${sections.join('\n')}`);
}
