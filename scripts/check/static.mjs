// The checks that run no test. Each counts as one, passed or failed.
import { inRoot } from '../setup/paths.mjs';
import { output, start } from '../setup/process.mjs';
import { TARGET } from '../setup/target.mjs';

const node = (...path) => [process.execPath, inRoot(...path)];

const SIMD = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: '-C target-feature=+simd128,+relaxed-simd' };

/** Name, command and environment of every static check. */
function checks({ native, wasm }) {
  const clippy = ['cargo', 'clippy', '--quiet'];
  return [
    { name: 'rustfmt', command: ['cargo', 'fmt', '--all', '--check'], env: native, component: 'rustfmt' },
    {
      name: 'clippy',
      command: [...clippy, '--workspace', '--exclude', 'adjoint-wasm', '--all-targets', '--', '-D', 'warnings'],
      env: native,
      component: 'clippy',
    },
    {
      // The intrinsics of wasm32 are invisible to the check above.
      name: 'clippy (wasm32)',
      command: [...clippy, '-p', 'adjoint-wasm', '-p', 'adjoint-simd', '-p', 'adjoint-kernels', '--target', TARGET, '--', '-D', 'warnings'],
      env: { ...wasm, ...SIMD, CARGO_TARGET_DIR: inRoot('target', 'wasm-clippy') },
      component: 'clippy',
    },
    { name: 'tsc', command: [...node('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit'] },
    { name: 'eslint', command: [...node('node_modules', 'eslint', 'bin', 'eslint.js'), '--max-warnings=0', '.'] },
    { name: 'generated files', command: [...node('scripts', 'gen.mjs'), '--check'] },
  ];
}

/** Gets a rustup component that a minimal installation left out; Debian's set-up has both. */
function ensureComponent(component, env) {
  const probe = component === 'rustfmt' ? ['fmt', '--version'] : ['clippy', '--version'];
  if (output('cargo', probe, env) === null) output('rustup', ['component', 'add', component], env);
}

/** Runs all of them, whatever fails, and adds them to the tally. */
export async function staticChecks(toolchain, tally) {
  for (const { name, command, env = process.env, component } of checks(toolchain)) {
    if (component) ensureComponent(component, env);
    console.log(`\n[check] ${name}`);
    const [program, ...args] = command;
    const code = await start(program, args, { env }).catch((error) => error.code);
    if (code === 0) tally.add({ passed: 1 });
    else tally.fail(name);
    console.log(`[check] ${name}: ${code === 0 ? 'passed' : 'failed'}`);
  }
}
