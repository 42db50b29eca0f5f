// npm run test:packaging [-- NAMES] [-- --tarball FILE]: packs the package, installs the tarball into a project for each of
// its doors (test/packaging) and runs it there. NAMES chooses among the projects, FILE is tested instead of a fresh build.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build/build.mjs';
import { checker } from './check/checker.mjs';
import { Tally } from './check/tally.mjs';
import { alone } from './setup/lock.mjs';
import { SetupError, duration, exitWith } from './setup/log.mjs';
import { nodeModules } from './setup/node-modules.mjs';
import { prepare } from './setup/prepare.mjs';

/** Names of the projects of `PROJECTS` to run and the tarball, if any, from the command line. */
function request(PROJECTS) {
  const { values, positionals } = parseArgs({ options: { tarball: { type: 'string' } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !Object.hasOwn(PROJECTS, name));
  if (unknown.length > 0) throw new SetupError(`there is no project ${unknown.join(', ')}; there are ${Object.keys(PROJECTS).join(', ')}`);
  return { names: positionals.length > 0 ? positionals : Object.keys(PROJECTS), tarball: values.tarball && resolve(values.tarball) };
}

try {
  // The projects are checked with packages of the development dependencies, which a fresh clone lacks.
  await alone(nodeModules);
  const { PROJECTS } = await import('../test/packaging/checks/index.mjs');
  const { makeSandbox, pack } = await import('../test/packaging/runner/sandbox.mjs');
  const { names, tarball } = request(PROJECTS);
  if (!tarball) await alone(async () => build(await prepare(), { threads: true }));
  const folder = makeSandbox();
  const packed = await pack(folder, tarball);
  const tally = new Tally();
  for (const name of names) {
    console.log(`\n[packaging] ${name}: ${PROJECTS[name].about}`);
    const check = checker(name, tally);
    // What goes wrong outside of a check, such as the installation, counts as one.
    let error = null;
    await PROJECTS[name].run({ folder, tarball: packed, check }).catch((thrown) => (error = thrown));
    if (error) await check('project', () => Promise.reject(error));
  }
  console.log(`\n${duration(performance.now())}`);
  for (const failure of tally.failures) console.log(`failed: ${failure}`);
  console.log(String(tally));
  process.exitCode = tally.good ? 0 : 1;
} catch (error) {
  exitWith(error);
}
