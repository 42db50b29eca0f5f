// The reference of modules, optimizers and schedules: what each computes and takes, from its source and from the library itself.
import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

const COMMENT = String.raw`\/\*\*((?:(?!\*\/)[^])*)\*\/`;

/** A documentation comment without its stars and what comes behind its text: lines of a paragraph are one. */
const prose = (comment) =>
  comment.replace(/^\s*\* ?/gm, '').replace(/(^|\n)@[^]*$/, '').trim().split(/\n\s*\n/).map((part) => (part.startsWith('- ') ? part : part.replaceAll(/\s*\n\s*/g, ' '))).join('\n\n');

/** Of the files of a folder: classes with their comments, and what types say of their members. */
function sourceOf(folder) {
  const classes = {};
  const types = {};
  for (const name of readdirSync(inRoot('ts', folder)).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(inRoot('ts', folder, name), 'utf8');
    for (const [, comment, title] of text.matchAll(new RegExp(String.raw`${COMMENT}\n(?:\/\/ eslint.*\n)?(?:export )?(?:abstract )?class (\w+)`, 'g'))) {
      const body = text.slice(text.indexOf(`class ${title} `));
      const [, takes = ''] = /^ {2}constructor\(\.\.\.\w+: (.*)\) \{$/m.exec(body.slice(0, body.indexOf('\n}\n') + 1)) ?? [];
      classes[title] = { says: prose(comment), takes, file: `ts/${folder}/${name}` };
    }
    for (const [, title, parts, body] of text.matchAll(/^(?:export )?(?:interface|type) (\w+)(?:<[^>]*>)?((?: extends [^{\n]+| = [^{\n]+)?)(\{[^]*?^\}|\{[^\n]*\};?)?/gm)) {
      const members = [...(body ?? '').matchAll(new RegExp(String.raw`${COMMENT}\s*(?:readonly )?(\w+)\??:`, 'g'))].map(([, comment, member]) => [member, prose(comment)]);
      types[title] = { parts: parts ?? '', members };
    }
  }
  return { classes, types };
}

/** What is said of the members of a type, by way of the types that it is made of. */
function membersOf(expression, types, seen = new Set()) {
  const said = {};
  for (const [name] of expression.matchAll(/\b[A-Z]\w+/g)) {
    if (seen.has(name) || types[name] === undefined) continue;
    seen.add(name);
    Object.assign(said, membersOf(types[name].parts, types, seen), Object.fromEntries(types[name].members));
  }
  return said;
}

const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A default as one writes it. */
function written(value) {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (value !== null && typeof value === 'object') return '';
  return typeof value === 'function' ? '' : String(value);
}

function parameterTable(list, said) {
  if (list.names.length === 0) return 'Takes no arguments.';
  const isSaid = list.names.some((name) => said[name]);
  const rows = list.names.map((name) => {
    const kind = list.kindOf(name);
    const otherwise = kind.isRequired ? 'required' : kind.fallback === undefined ? '' : written(kind.fallback);
    const expected = kind.expected === 'given' ? '' : cell(kind.expected);
    return `| ${code(name)} | ${isSaid ? `${cell(said[name] ?? '')} | ` : ''}${expected} | ${otherwise === 'required' || otherwise === '' ? otherwise : code(otherwise)} |`;
  });
  return `| argument | ${isSaid ? 'what it is | ' : ''}must be | default |\n|---|${isSaid ? '---|' : ''}---|---|\n${rows.join('\n')}`;
}

/** How it is made: what may be given by position, and behind that by name. */
function signature(path, list) {
  const given = (names) => names.map((name) => (list.isRequired(name) ? name : `${name} = ${written(list.kindOf(name).fallback) || '…'}`));
  const [first, rest] = [list.names.slice(0, list.positional), list.names.slice(list.positional)];
  return `new ${path}(${[...given(first), ...(rest.length > 0 ? [`{ ${rest.join(', ')} }`] : [])].join(', ')})`;
}

/** PyTorch's name of what is public here under a path. */
const inPyTorch = (path) => `torch.${path.replace('lrScheduler', 'lr_scheduler').replace('swaUtils', 'swa_utils')}`;

/** The inputs of a module's call, where all of its kind take the same. */
function inputsOf(constructor) {
  const list = Object.getOwnPropertyDescriptor(constructor.prototype, '_inputs')?.get?.call(constructor.prototype);
  return list?.names === undefined ? '' : `- Called as: \`module(${list.names.join(', ')})\`\n`;
}

function section(path, constructor, { classes, types }) {
  const found = classes[constructor.name];
  if (found === undefined) throw new Error(`${path} has no comment above its class in ts/`);
  const list = constructor._parameters;
  const own = list?.names !== undefined;
  const takes = own ? `\`\`\`ts\n${signature(path, list)}\n\`\`\`\n\n` : '';
  const table = own ? `${parameterTable(list, membersOf(found.takes, types))}\n\n` : '';
  return `## ${constructor.name}\n\n${takes}${found.says}\n\n${table}${inputsOf(constructor)}- In PyTorch: \`${inPyTorch(path)}\`\n- Source: \`${found.file}\`\n${own && list.names.length > 0 ? '- An argument of another kind, a name that there is not, and one too many are a [`UsageError`](./errors#usageerror) that says what was expected.\n' : ''}`;
}

/** Public classes of a namespace that descend from one of `bases`, by name. */
const within = (namespace, ...bases) =>
  Object.entries(namespace).filter(([, value]) => typeof value === 'function' && bases.some((base) => value === base || value.prototype instanceof base)).sort(([a], [b]) => (a < b ? -1 : 1));

const listing = (names) => names.map((name) => `[\`${name}\`](#${name.toLowerCase()})`).join(', ');

/** `nn` is that of the library, which is built when this is called. */
export function modulesPage({ nn }) {
  const source = sourceOf('nn');
  const found = within(nn, nn.Module);
  return `# Modules

Generated from the library: every module of \`nn\`, what it computes, what it takes and PyTorch's name of it. Arguments may be given by position in this
order, and any of them by name in a trailing object. [Training](./training) says how modules work together; functions without parameters are among the
[operations](./ops/).

${listing(found.map(([name]) => name))}

${found.map(([name, constructor]) => section(`nn.${name}`, constructor, source)).join('\n')}`;
}

export function optimizersPage({ nn, optim }) {
  const source = sourceOf('optim');
  const optimizers = within(optim, optim.Optimizer);
  const schedules = within(optim.lrScheduler, Object);
  const averages = within(optim.swaUtils, nn.Module, optim.lrScheduler.LRScheduler);
  const parts = [
    ...optimizers.map(([name, constructor]) => section(`optim.${name}`, constructor, source)),
    ...schedules.map(([name, constructor]) => section(`optim.lrScheduler.${name}`, constructor, source)),
    ...averages.map(([name, constructor]) => section(`optim.swaUtils.${name}`, constructor, source)),
  ];
  return `# Optimizers and schedules

Generated from the library: every optimizer, every schedule of the learning rate, and averages of weights, with what they take and PyTorch's names.
Options of an optimizer can be given for each group of parameters. [Training](./training) shows them at work.

Optimizers: ${listing(optimizers.map(([name]) => name))}.

Schedules: ${listing(schedules.map(([name]) => name))}.

Averages: ${listing(averages.map(([name]) => name))}.

${parts.join('\n')}`;
}
