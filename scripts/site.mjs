// npm run site [-- --serve]: the site, from the files of the repository, in out/site.
import { parseArgs } from 'node:util';
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { buildSite, serveSite } from './site/build.mjs';

try {
  const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false } } });
  await alone(async () => build(await prepare(), { threads: true }));
  await buildSite();
  console.log(`[site] ${inRoot('out', 'site')}`);
  if (values.serve) await serveSite();
} catch (error) {
  exitWith(error);
}
