// npm run test:webgpu [-- WORDS]: the target `webgpu` on a device, in Chromium and in Node, by the npm package `webgpu` (Dawn), which is installed into
// .tools/webgpu once, 130 MB. Where Chromium is installed its SwiftShader is the device, so that no graphics card is needed; elsewhere
// it is what the system has. WORDS chooses among the checks by a part of their titles.
//
// ADJOINT_WEBGPU names a folder with the package, VK_ICD_FILENAMES another driver.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith, timed } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { quietly, start } from './setup/process.mjs';

const VERSION = '0.6.2';
const folder = inRoot('.tools', 'webgpu');
const installed = process.env.ADJOINT_WEBGPU ?? join(folder, 'node_modules', 'webgpu');

try {
  await alone(async () => build(await prepare()));
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true });
    await timed('webgpu', 'npm install', () =>
      quietly('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', `webgpu@${VERSION}`]),
    );
  }
} catch (error) {
  exitWith(error);
}

/** Where Debian's Chromium has its software driver, and a loader beside it. */
const CHROMIUM = '/usr/lib/chromium';
const driver = join(CHROMIUM, 'vk_swiftshader_icd.json');
const env = { ...process.env, ADJOINT_WEBGPU: installed };
if (env.VK_ICD_FILENAMES === undefined && existsSync(driver)) {
  env.VK_ICD_FILENAMES = driver;
  env.LD_LIBRARY_PATH = [CHROMIUM, env.LD_LIBRARY_PATH].filter(Boolean).join(':');
}
let code = 0;
for (const program of ['kernels', 'node']) {
  code ||= (await start(process.execPath, ['--import', 'tsx', inRoot('test', 'webgpu', `${program}.ts`), ...process.argv.slice(2)], { stdin: 'inherit', env })) ?? 1;
}
code ||= await inChromium();
process.exitCode = code;

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
    const words = encodeURIComponent(process.argv.slice(2).join(' '));
    const flags = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
    const { value, complaints } = await visit(`${address}#${words}`, { folder: page, name: 'trained', seconds: 500, flags });
    for (const line of value ?? []) console.log(line);
    for (const complaint of complaints) console.log(`complaint: ${complaint}`);
    failed = value === null ? 1 : value.filter((line) => line.startsWith('failed')).length;
    console.log(`${(value ?? []).length - failed} passed, ${failed} failed in Chromium`);
  });
  return failed > 0 ? 1 : 0;
}
