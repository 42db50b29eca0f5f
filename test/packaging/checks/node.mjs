// Node.js, oldest and present release, as an ES module and as CommonJS. Neither program has an `await`, and the package is
// there in the statement after its import.
import assert from 'node:assert/strict';
import { assertSameBits, assertTrained } from '../runner/compare.mjs';
import { NODE_VERSIONS, nodeExecutable } from '../runner/engines.mjs';
import { install, run, tool } from '../runner/sandbox.mjs';

// Node 20 has relaxed SIMD behind a flag.
const hasRelaxed = (version) => Number(version.split('.')[0]) >= 22;

const program = async (node, cwd, ...args) => JSON.parse(await run(node, args, { cwd }));

const installations = new Map();

/** The installed project; once a run. */
function installed(folder, project) {
  if (!installations.has(project)) installations.set(project, install(folder, project));
  return installations.get(project);
}

/** What the simd128 binary gives in this Node.js, for other engines to be held against. */
export async function trainInNode(folder) {
  return program(process.execPath, await installed(folder, 'node-esm'), 'slim.js', 'simd128');
}

async function runIn({ folder, check }, project, afterInstall = async () => {}) {
  const cwd = await installed(folder, project);
  await afterInstall(cwd);
  let strict;
  for (const version of NODE_VERSIONS) {
    const node = await nodeExecutable(version);
    const actual = (await run(node, ['--version'])).trim();
    let chosen;
    await check(`${actual} trains in the statement after the import`, async () => {
      chosen = await program(node, cwd, 'index.js');
      assertTrained(chosen);
    });
    await check(`${actual} trains with adjoint/slim and the simd128 binary, with the same bits in every version`, async () => {
      const result = await program(node, cwd, 'slim.js', 'simd128');
      assertTrained(result);
      strict ??= result;
      assertSameBits(result, strict, 'that of the version before');
    });
    await check(`${actual} picks the ${hasRelaxed(version) ? 'relaxed' : 'simd128'} binary by itself`, async () => {
      assertSameBits(chosen, hasRelaxed(version) ? await program(node, cwd, 'slim.js', 'relaxed') : strict, 'that of the binary');
    });
    const withVariable = (value, ...flags) => run('env', [`ADJOINT_WASM=${value}`, node, ...flags, 'index.js'], { cwd });
    await check(`${actual} takes the binary that ADJOINT_WASM names`, async () => {
      assertSameBits(JSON.parse(await withVariable('simd128')), strict, 'that of the simd128 binary');
      const flags = hasRelaxed(version) ? [] : ['--experimental-wasm-relaxed-simd'];
      assertSameBits(JSON.parse(await withVariable('relaxed', ...flags)), await program(node, cwd, ...flags, 'slim.js', 'relaxed'), 'that of the relaxed binary');
    });
    await check(`${actual} refuses another name in ADJOINT_WASM, and the relaxed binary where the engine cannot run it`, async () => {
      await assert.rejects(withVariable('fast'), /UsageError: init: ADJOINT_WASM must be simd128 or relaxed, got "fast"/);
      if (!hasRelaxed(version)) await assert.rejects(withVariable('relaxed'), /--experimental-wasm-relaxed-simd/);
    });
    await check(`${actual} picks the relaxed binary with its flag`, async () => {
      const flags = hasRelaxed(version) ? [] : ['--experimental-wasm-relaxed-simd'];
      assertSameBits(await program(node, cwd, ...flags, 'index.js'), await program(node, cwd, ...flags, 'slim.js', 'relaxed'), 'that of the relaxed binary');
    });
  }
}

export const esm = {
  about: 'import in Node.js',
  run: (context) => runIn(context, 'node-esm'),
};

export const cjs = {
  about: 'require in Node.js',
  // The program is an ES module; this project's copy becomes CommonJS as a compiler would make it.
  run: (context) =>
    runIn(context, 'node-cjs', (cwd) =>
      run(process.execPath, [tool('esbuild', 'bin', 'esbuild'), 'train.js', '--format=cjs', '--outfile=train.js', '--allow-overwrite'], { cwd }).then(() => {}),
    ),
};
