// npm run new-op -- TEMPLATE NAME "FORMULA" [--range LOW HIGH]: a new op from a formula.
//
//   unary      elementwise, of x                "1 / (1 + x * x)"
//   binary     elementwise, of x and other      "x * exp(other)"
//   reduction  over dims, of x, made of ops     "sqrt(mean(x * x))"
//   composite  elementwise, made of ops         "x * sigmoid(x)"
//
// Writes the op's file in crates/ops/src and brings everything generated up to date: the registry, TypeScript types and documentation, the
// reference page and the tests' manifest. No other file is touched. Derivatives come from the formula or the ops it calls. --range says where
// samples are drawn from; without it that is an interval in which the formula is defined.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import * as binary from './new-op/binary.mjs';
import * as composite from './new-op/composite.mjs';
import * as reduction from './new-op/reduction.mjs';
import * as unary from './new-op/unary.mjs';
import { SetupError, exitWith } from './setup/log.mjs';
import { inRoot, root } from './setup/paths.mjs';

const TEMPLATES = { unary, binary, reduction, composite };
const USAGE =
  `usage: npm run new-op -- ${Object.keys(TEMPLATES).join('|')} NAME "FORMULA" [--range LOW HIGH], ` +
  'for example: npm run new-op -- unary mish "x * tanh(log1p(exp(x)))"';
const RESERVED = /^(as|break|const|continue|crate|else|enum|extern|false|fn|for|if|impl|in|let|loop|match|mod|move|mut|pub|ref|return|self|static|struct|super|trait|true|type|unsafe|use|where|while|async|await|dyn)$/;

function arguments_() {
  const rest = process.argv.slice(2);
  const option = (name, values) => {
    const at = rest.indexOf(name);
    return at < 0 ? null : rest.splice(at, values + 1).slice(1);
  };
  const range = option('--range', 2)?.map(Number);
  const named = option('--formula', 1);
  const [kind, name, given] = rest;
  const template = Object.hasOwn(TEMPLATES, kind ?? '') ? TEMPLATES[kind] : null;
  if (!template || !name) throw new SetupError(USAGE);
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || RESERVED.test(name)) {
    throw new SetupError(`${name} is no name for an op: it must be snake case, as in PyTorch, and no word of Rust's`);
  }
  if (range && !(range.length === 2 && range[0] < range[1])) throw new SetupError(`--range takes two numbers, the lower one first; ${USAGE}`);
  const formula = named?.[0] ?? given;
  if (!formula) throw new SetupError(`a formula is missing; ${USAGE}`);
  return { template, name, formula, range };
}

try {
  const { template, name, formula, range } = arguments_();
  const path = `crates/ops/src/${template.family}/${name}.rs`;
  if (existsSync(inRoot(path))) throw new SetupError(`${path} exists already`);
  writeFileSync(inRoot(path), template.file(name, formula, range));
  // A long formula is broken over lines; without rustfmt the op is just as good, and `npm run check` will say so.
  spawnSync('rustfmt', ['--edition', '2024', '--config-path', root, inRoot(path)], { stdio: 'ignore' });
  console.log(`[new-op] wrote ${path}`);
  const { status } = spawnSync(process.execPath, [inRoot('scripts', 'gen.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    // Without its op file the next run of the generator puts everything back.
    rmSync(inRoot(path));
    throw new SetupError(`the op does not compile (see above), so ${path} was removed; run npm run gen`);
  }
  console.log(`[new-op] done; npm test builds it and runs the tests its samples make`);
} catch (error) {
  exitWith(error);
}
