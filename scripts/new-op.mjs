// npm run new-op -- unary NAME "FORMULA": a new elementwise op of one tensor, from a formula of x.
//
// Writes crates/ops/src/elementwise/NAME.rs with the formula and its derivative and brings everything generated up to date:
// the registry, TypeScript types and documentation, the reference page and the tests' manifest. No other file is touched.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { unaryFile } from './new-op/unary.mjs';
import { SetupError, exitWith } from './setup/log.mjs';
import { inRoot, root } from './setup/paths.mjs';

const USAGE = 'usage: npm run new-op -- unary NAME "FORMULA", for example: npm run new-op -- unary mish "x * tanh(log1p(exp(x)))"';
const RESERVED = /^(as|break|const|continue|crate|else|enum|extern|false|fn|for|if|impl|in|let|loop|match|mod|move|mut|pub|ref|return|self|static|struct|super|trait|true|type|unsafe|use|where|while|async|await|dyn)$/;

function arguments_() {
  const rest = process.argv.slice(2);
  const flag = rest.indexOf('--formula');
  const formula = flag >= 0 ? rest.splice(flag, 2)[1] : rest[2];
  const [kind, name] = rest;
  if (kind !== 'unary' || !name) throw new SetupError(USAGE);
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || RESERVED.test(name)) {
    throw new SetupError(`${name} is no name for an op: it must be snake case, as in PyTorch, and no word of Rust's`);
  }
  if (!formula) throw new SetupError(`a formula of x is missing; ${USAGE}`);
  return { name, formula };
}

try {
  const { name, formula } = arguments_();
  const path = `crates/ops/src/elementwise/${name}.rs`;
  if (existsSync(inRoot(path))) throw new SetupError(`${path} exists already`);
  writeFileSync(inRoot(path), unaryFile(name, formula));
  // A long derivative is broken over lines; without rustfmt the op is just as good, and `npm run check` will say so.
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
