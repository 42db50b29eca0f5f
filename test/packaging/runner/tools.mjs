// Tools that only the packaging tests need, from npm, at exact versions: what is installed stays in .tools.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../../../scripts/setup/paths.mjs';
import { npm, run } from './sandbox.mjs';

/** One installation each, so that none changes what another resolves. */
const SETS = {
  webpack: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
  rollup: { rollup: '4.68.8', '@rollup/plugin-node-resolve': '16.0.3' },
  parcel: { parcel: '2.16.4' },
  jest: { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2' },
  deno: { deno: '2.9.6' },
  bun: { bun: '1.4.5' },
};

/** The `node_modules` of a set, installed if need be. */
export async function installed(name) {
  const wanted = SETS[name];
  const folder = inRoot('.tools', 'packaging', [name, ...Object.values(wanted)].join('-'));
  const modules = join(folder, 'node_modules');
  if (!existsSync(join(modules, '.package-lock.json'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }));
    await run(npm(), ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, seconds: 300 });
  }
  return modules;
}

/** The path of a command of a set. */
export async function command(set, name = set) {
  return join(await installed(set), '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
}
