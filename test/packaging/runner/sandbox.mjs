// A folder outside the repository, so that nothing resolves to the repository's own node_modules, with the tarball in it and
// one copy of each project beside it. The tools that work on a project (vite, esbuild, tsc, workerd) are the repository's,
// pinned by its package-lock.json; the project itself gets the tarball and nothing else, without the network.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../../../scripts/setup/paths.mjs';
import { start, which } from '../../../scripts/setup/process.mjs';

// npm_config_*: this may itself run below npm, and its settings are not those of the project's user.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|NODE_PATH$|NODE_ENV$|NODE_V8_COVERAGE$|ADJOINT_|CI$)/i.test(name)),
);

/** A file of one of the repository's development tools. */
export const tool = (...path) => inRoot('node_modules', ...path);

/** Runs a command and returns what it printed on standard output; throws with all it said if it fails or takes too long. */
export async function run(command, args, { cwd, seconds = 60 } = {}) {
  const said = { stdout: '', stderr: '' };
  const code = await start(command, args, { cwd, env, timeout: seconds * 1000, onText: (text, stream) => (said[stream] += text) });
  if (code === 0) return said.stdout;
  const how = code === null ? `was ended, or took more than ${seconds} s` : `ended with exit code ${code}`;
  throw new assert.AssertionError({ message: `${[command, ...args].join(' ')} ${how}\n${said.stderr}${said.stdout}`.trimEnd() });
}

let remove = () => {};

/** Makes the folder; it is removed when the process ends. */
export function makeSandbox() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'adjoint-packaging-')));
  remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.on('exit', remove);
  return folder;
}

/** Has the folder removed after everything that now waits for the end of the process, such as the end of a browser in it. */
export function removeLast() {
  process.off('exit', remove);
  process.on('exit', remove);
}

/** Packs the repository as `npm publish` would, or takes the tarball given, to `adjoint.tgz` in the folder. */
export async function pack(folder, tarball) {
  const target = join(folder, 'adjoint.tgz');
  if (!tarball) {
    await run(npm(), ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: inRoot() });
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')));
  }
  copyFileSync(tarball, target);
  return target;
}

/** The path of npm. */
export function npm() {
  const found = which('npm');
  assert.ok(found, 'npm is not on PATH');
  return found;
}

/**
 * Copies a project, and the program it runs, into the folder and installs the tarball there; returns its path.
 * `manifest` is for a project that has no package.json of its own.
 */
export async function install(folder, project, manifest) {
  const target = join(folder, project);
  cpSync(inRoot('test', 'packaging', project), target, { recursive: true });
  if (manifest) writeFileSync(join(target, 'package.json'), JSON.stringify(manifest));
  copyFileSync(inRoot('test', 'packaging', 'program', 'train.js'), join(target, 'train.js'));
  await run(npm(), ['install', '--offline', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], { cwd: target, seconds: 120 });
  assert.ok(existsSync(join(target, 'node_modules', 'adjoint', 'package.json')), 'npm did not install the package');
  const installed = readdirSync(join(target, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert.deepEqual(installed, ['adjoint'], 'the package brings other packages along');
  return target;
}
