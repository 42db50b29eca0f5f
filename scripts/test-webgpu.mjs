// npm run test:webgpu [-- WORDS]: the target `webgpu` on a device, in Node by the npm package `webgpu` (Dawn), in Chromium, and in Deno; the two
// packages are installed into .tools/webgpu once, 230 MB. Where Chromium is installed its SwiftShader is the device of Node, so that no graphics
// card is needed, and Deno takes Mesa's lavapipe; elsewhere it is what the system has. WORDS chooses among the checks by a part of their titles.
//
// ADJOINT_WEBGPU names a folder with the package `webgpu`, VK_ICD_FILENAMES another driver.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith, timed } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { quietly, start } from './setup/process.mjs';

const PACKAGES = ['webgpu@0.6.2', 'deno@2.9.6'];
const folder = inRoot('.tools', 'webgpu');
const installed = process.env.ADJOINT_WEBGPU ?? join(folder, 'node_modules', 'webgpu');
const deno = join(folder, 'node_modules', '.bin', 'deno');

try {
  await alone(async () => build(await prepare()));
  if (!existsSync(installed) || !existsSync(deno)) {
    mkdirSync(folder, { recursive: true });
    await timed('webgpu', 'npm install', () => quietly('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', ...PACKAGES]));
  }
} catch (error) {
  exitWith(error);
}

/** Where Debian's Chromium has its software driver, and a loader beside it. */
const CHROMIUM = '/usr/lib/chromium';
/** Debian's package mesa-vulkan-drivers. */
const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json';
const driver = join(CHROMIUM, 'vk_swiftshader_icd.json');
const env = { ...process.env, ADJOINT_WEBGPU: installed };
if (env.VK_ICD_FILENAMES === undefined && existsSync(driver)) {
  env.VK_ICD_FILENAMES = driver;
  env.LD_LIBRARY_PATH = [CHROMIUM, env.LD_LIBRARY_PATH].filter(Boolean).join(':');
}
const words = process.argv.slice(2);
let code = 0;
for (const program of ['kernels', 'node', 'minilm']) {
  code ||= (await start(process.execPath, ['--import', 'tsx', inRoot('test', 'webgpu', `${program}.ts`), ...words], { stdin: 'inherit', env })) ?? 1;
}
code ||= await inDeno();
code ||= await inChromium();
process.exitCode = code;

/** Training in Deno. */
async function inDeno() {
  const { build: bundle } = await import('esbuild');
  const outfile = inRoot('out', 'webgpu', 'deno.mjs');
  await bundle({ entryPoints: [inRoot('test', 'webgpu', 'deno.ts')], bundle: true, format: 'esm', platform: 'neutral', outfile, alias: { adjoint: inRoot('dist', 'inline.js') } });
  const drivers = process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE) ? { VK_ICD_FILENAMES: LAVAPIPE } : {};
  return (await start(deno, ['run', '--allow-all', '--unstable-webgpu', outfile, ...words], { stdin: 'inherit', env: { ...process.env, ...drivers } })) ?? 1;
}

/** Training in a page of Chromium, on its software device. */
async function inChromium() {
  const [{ build: bundle }, { serving }, { visit }] = await Promise.all([
    import('esbuild'), import('../test/packaging/runner/serve.mjs'), import('../test/packaging/runner/chromium.mjs'),
  ]);
  const page = inRoot('out', 'webgpu');
  rmSync(page, { recursive: true, force: true });
  mkdirSync(page, { recursive: true });
  await bundle({
    entryPoints: [inRoot('test', 'webgpu', 'page.ts')], bundle: true, splitting: true, format: 'esm', outdir: page, conditions: ['browser'],
    alias: { adjoint: inRoot('dist', 'inline.js') },
  });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>webgpu</title><body></body><script type="module" src="page.js"></script>');
  let failed = 0;
  await serving(page, async (address) => {
    const flags = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
    const { value, complaints } = await visit(`${address}#${encodeURIComponent(words.join(' '))}`, { folder: page, name: 'trained', seconds: 500, flags });
    for (const line of value ?? []) console.log(line);
    for (const complaint of complaints) console.log(`complaint: ${complaint}`);
    failed = value === null ? 1 : value.filter((line) => line.startsWith('failed')).length;
    console.log(`${(value ?? []).length - failed} passed, ${failed} failed in Chromium`);
  });
  return failed > 0 ? 1 : 0;
}
