// What the op table and the sources know of each operation beside its documentation: names in PyTorch, errors, accuracy, and its file.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inRoot } from '../setup/paths.mjs';

const read = (path) => readFileSync(inRoot(path), 'utf8');

/** Where something of a surface is in PyTorch; names of namespaces begin with them here. */
const PLACES = {
  Function: ['torch.', ''],
  Method: ['torch.Tensor.', ''],
  InPlaceMethod: ['torch.Tensor.', ''],
  Functional: ['torch.nn.functional.', ''],
  Linalg: ['torch.linalg.', 'linalg_'],
  Special: ['torch.special.', 'special_'],
  Masked: ['torch.masked.', 'masked_'],
  Windows: ['torch.signal.windows.', 'windows_'],
  Fft: ['torch.fft.', 'fft_'],
};

/** Files of operations by what they define: their own name, and what stands in them as a text. */
function files() {
  const own = {};
  const named = {};
  const paths = readdirSync(inRoot('crates/ops/src'), { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  for (const path of paths.filter((name) => name.endsWith('.rs') && name.includes('/') && !name.startsWith('shared/'))) {
    const file = join('crates/ops/src', path);
    own[basename(path, '.rs') === 'mod' ? basename(dirname(path)) : basename(path, '.rs')] ??= file;
    for (const [, name] of read(file).matchAll(/"([a-z_0-9]+)"/g)) named[name] ??= file;
  }
  return (op) => own[op] ?? named[op];
}

/** How far float32 results may be off, in units of the last place, as tests of the kernels prove it. */
function bounds() {
  const of = { exp: ['exp'], expm1: ['expm1'], log: ['log'], log1p: ['log1p'], erf: ['erf'], sigmoid: ['sigmoid'], sine: ['sin', 'cos'], tanh: ['tanh'] };
  return Object.fromEntries(
    Object.entries(of).flatMap(([file, ops]) => {
      const [, bound] = /MAX_ULP: f64 = ([\d.]+);/.exec(read(`crates/kernels/src/vecmath/${file}.rs`)) ?? [];
      if (bound === undefined) throw new Error(`crates/kernels/src/vecmath/${file}.rs states no MAX_ULP`);
      return ops.map((op) => [op, Number(bound)]);
    }),
  );
}

/** How many recorded cases of sums, norms, losses and products hold an operation to PyTorch's accuracy, by public name. */
function cases() {
  const counts = {};
  for (const { op } of JSON.parse(read('test/fixtures/accuracy.json')).float32) {
    const name = op.split('.').at(-1);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** A function that adds facts to the sections of a page of operations. */
export function operationFacts() {
  const ops = JSON.parse(read('test/generated/manifest.json'));
  const [fileOf, ulp, held] = [files(), bounds(), cases()];
  const byName = ops.reduce((map, op) => map.set(op.name, [...(map.get(op.name) ?? []), op]), new Map());

  const namesOf = (forms) => {
    const snake = forms[0].op.split('.')[0];
    return [...new Set(forms.flatMap(({ surface }) => surface).map((surface) => {
      const [place, prefix] = PLACES[surface];
      const name = snake.startsWith(prefix) ? snake.slice(prefix.length) : snake;
      return `\`${place}${name}${surface === 'InPlaceMethod' && !name.endsWith('_') ? '_' : ''}\``;
    }))];
  };

  const errorsOf = (forms) => {
    const by = {};
    for (const { code, call } of forms.flatMap(({ errors }) => errors)) (by[code] ??= new Set()).add(call.label);
    return Object.entries(by).map(([code, labels]) => `[\`${code}\`](../errors#${code.toLowerCase()}) (${[...labels].slice(0, 4).join('; ')})`);
  };

  const accuracyOf = (name) => [
    ...(ulp[name] === undefined ? [] : [`float32 within ${ulp[name]} ULP, proved over all numbers`]),
    ...(held[name] === undefined ? [] : [`at least PyTorch's in ${held[name]} recorded cases`]),
  ];

  /** The name of what stands at a path: `linalgNorm` at `linalg.norm`, `fold` at `nn.functional.fold`. */
  const nameAt = (path) => {
    const whole = path.replace(/\.(\w)/g, (_, letter) => letter.toUpperCase());
    return byName.has(whole) || !path.includes('.') ? whole : nameAt(path.slice(path.indexOf('.') + 1));
  };

  const factsOf = (path) => {
    const name = nameAt(path);
    const forms = byName.get(name);
    if (forms === undefined) return '';
    const [names, errors, accuracy, file] = [namesOf(forms), errorsOf(forms), accuracyOf(name), fileOf(forms[0].op.split('.')[0])];
    return [
      ...(names.length > 0 ? [`- In PyTorch: ${names.join(', ')}`] : []),
      ...(errors.length > 0 ? [`- Errors: ${errors.join(', ')}`] : []),
      ...(accuracy.length > 0 ? [`- Accuracy: ${accuracy.join('; ')}`] : []),
      ...(file === undefined ? [] : [`- Source: \`${file}\``]),
    ].join('\n');
  };

  /** The last item of a section is its list of facts, which goes on. */
  return (text) => text.split(/^(?=## )/m).map((section) => {
    const [, path] = /^## ([\w.]+)\n/.exec(section) ?? [];
    const facts = path === undefined ? '' : factsOf(path);
    return facts === '' ? section : `${section.trimEnd()}\n${facts}\n\n`;
  }).join('');
}
