// The versions of Node.js the package promises to run in. The npm package `node` carries the binary; what is installed stays
// in .tools.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../../../scripts/setup/paths.mjs';
import { npm, run } from './sandbox.mjs';

/** The oldest one of package.json's `engines`, and those with long-term support since. */
export const NODE_VERSIONS = ['20.20.2', '22.23.3', '24.21.0'];

const major = (version) => version.split('.')[0];

/** The executable of a Node.js of that version's major: the one that runs this, where it fits, else an installed one. */
export async function nodeExecutable(version) {
  if (major(process.versions.node) === major(version)) return process.execPath;
  const folder = inRoot('.tools', `node-${version}`);
  const executable = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(executable)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    await run(npm(), ['install', '--save-exact', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], { cwd: folder, seconds: 300 });
  }
  // npm may be set to run no install scripts; the one of this package puts the binary in place.
  if (!existsSync(executable)) {
    await run(process.execPath, ['installArchSpecificPackage.js'], { cwd: join(folder, 'node_modules', 'node'), seconds: 300 });
  }
  return executable;
}
