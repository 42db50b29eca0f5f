// Programs that Debian has and npm has not: browsers.
import { SetupError, timed } from '../../../scripts/setup/log.mjs';
import { quietly, which } from '../../../scripts/setup/process.mjs';

/** The path of a program: `variable` of the environment, one of `names` on PATH, or Debian's `package`, installed. */
export async function program({ title, variable, names, package: name }) {
  const installed = () => process.env[variable] || (names.map((each) => which(each)).find((path) => path !== null) ?? null);
  if (installed()) return installed();
  if (process.getuid?.() === 0 && which('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = () => quietly('apt-get', ['install', '-y', '--no-install-recommends', name], { env });
    // The package lists may be missing or old; updating them takes longer than most installations.
    await timed(name, 'apt-get install', () => install().catch(() => quietly('apt-get', ['update'], { env }).then(install)));
    if (installed()) return installed();
  }
  throw new SetupError(`${title} is missing: install it (Debian: \`apt-get install ${name}\`) or set ${variable} to the path of one`);
}
