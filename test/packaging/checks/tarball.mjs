// The tarball itself: what it holds, and what two linters of packages say about its package.json.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { inRoot } from '../../../scripts/setup/paths.mjs';
import { npm, run as execute, tool } from '../runner/sandbox.mjs';

export const about = 'what npm pack puts in';

const EXPECTED = [
  /^(package\.json|README\.md|CONTRIBUTING\.md|HACKING\.md|SECURITY\.md|LICENSE|CHANGELOG\.md|bench\/(README|notebooks\/\d{4})\.md)$/,
  /^(docs\/.*\.md|examples\/(digits\.ts|README\.md))$/,
  /^ts\/.*(?<!\.test)\.ts$/,
  /^dist\/(node|inline|slim)\.(js|cjs|d\.ts|d\.cts|js\.map|cjs\.map)$/,
  /^dist\/((chunk|webgpu)-[\w-]+\.(cjs|cjs\.map)|shared\.cjs)$/, // what the entries share, and what only to('webgpu') loads
  /^dist\/thread\.(js|js\.map)$/,
  /^dist\/(browser|bun|workerd)\.(js|d\.ts|js\.map)$/,
  /^dist\/(index|given-threads)-[\w-]+\.d\.c?ts$/, // what the declarations share
  /^dist\/(embedded-(primary|secondary)\.js|packed-(primary|secondary)\.cjs)$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/modules\/.*\.(js|js\.map)$/,
  /^dist\/wasm\/adjoint\.((simd128|relaxed)(\.secondary)?\.wasm|threads\.(simd128|relaxed)\.wasm\.gz)$/,
  /^dist\/wasm\/adjoint_wasm\.js$/,
];

/** Every file that a value of `exports` names. */
function targets(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targets);
}

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

export async function run({ folder, tarball, check }) {
  const project = join(folder, 'tarball');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  await execute(npm(), ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', tarball], { cwd: project });
  const root = join(project, 'node_modules', 'adjoint');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = [...walk(root)].map((path) => relative(root, path).replaceAll('\\', '/')).sort();

  await check('holds every file that package.json names', () => {
    const named = [manifest.main, manifest.module, manifest.types, ...targets(manifest.exports)];
    assert.deepEqual(named.filter((path) => !existsSync(join(root, path))), []);
  });
  await check('holds nothing but the package, its licence and its pages', () => {
    assert.deepEqual(files.filter((path) => !EXPECTED.some((pattern) => pattern.test(path))), []);
    for (const page of ['README.md', 'LICENSE', 'CHANGELOG.md']) assert.ok(files.includes(page), `${page} is missing`);
  });
  await check('holds what its pages link to, or they say where it is', () => {
    const broken = files.filter((path) => path.endsWith('.md')).flatMap((page) => {
      const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
      const local = links.filter((link) => !/^(https?:|mailto:|#)/.test(link)).map((link) => link.replace(/#.*/, ''));
      return local.filter((link) => !existsSync(join(root, dirname(page), link))).map((link) => `${page}: ${link}`);
    });
    assert.deepEqual(broken, []);
  });
  await check('holds the sources once: maps refer to them', () => {
    const maps = files.filter((path) => path.endsWith('.map'));
    assert.ok(maps.length > 50, 'there are hardly any maps');
    for (const path of maps) {
      const { sources, sourcesContent } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      assert.equal(sourcesContent ?? null, null, `${path} holds its sources`);
      const missing = sources.filter((source) => !existsSync(join(root, dirname(path), source)) && !/^(tsup|esbuild|\.\.\/node_modules)/.test(source));
      assert.deepEqual(missing, [], path);
    }
  });
  await check('holds the licences of what is compiled into the binaries', () => {
    const text = readFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const locked = [...readFileSync(inRoot('crates', 'wasm', 'Cargo.toml'), 'utf8').matchAll(/^((?!adjoint)[\w-]+)\.workspace/gm)].map(([, name]) => name);
    const names = ['The Rust standard library', ...locked.filter((name) => name !== 'version' && !/edition|rust-version|license/.test(name))];
    for (const name of names) assert.match(text, new RegExp(`^${name}.* \\((MIT|Apache)`, 'm'), `${name} is missing`);
    assert.ok(names.length > 2 && (text.match(/permission is hereby granted/gi) ?? []).length >= names.length, 'a licence has no text');
  });
  await check('is below 16 MB unpacked, of which maps are below 2', () => {
    const megabytes = (some) => some.reduce((sum, path) => sum + statSync(join(root, path)).size, 0) / 1e6;
    assert.ok(megabytes(files) < 16, `it has ${megabytes(files).toFixed(1)} MB`);
    const maps = files.filter((path) => path.endsWith('.map'));
    assert.ok(megabytes(maps) < 2, `maps have ${megabytes(maps).toFixed(1)} MB`);
  });
  await check('needs no other package and runs nothing when installed', () => {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {}, scripts = {} } = manifest;
    assert.deepEqual({ ...dependencies, ...peerDependencies, ...optionalDependencies }, {});
    assert.deepEqual(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name)), []);
  });
  await check('names no path of the machine it was made on', () => {
    const local = [inRoot(), homedir()].map((path) => path + sep);
    const telling = files.filter((path) => local.some((text) => readFileSync(join(root, path)).includes(text)));
    assert.deepEqual(telling, []);
  });
  await check('publint has nothing to say', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, pack: false, strict: true });
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  });
  await check('are the types wrong? no', async () => {
    // node10 knows no `exports` and so none of the sub-paths; the binaries and the program of a worker have no types to be found.
    const binaries = Object.keys(manifest.exports).filter((path) => /\.wasm(\.gz)?$/.test(path) || path === './thread');
    const cli = tool('@arethetypeswrong', 'cli', 'dist', 'index.js');
    await execute(process.execPath, [cli, tarball, '--profile', 'node16', '--no-definitely-typed', '--no-emoji', '--no-color', '--exclude-entrypoints', ...binaries]);
  });
  const kilobytes = (bytes) => `${Math.round(bytes / 1024)} KiB`;
  const size = (name) => `${name} ${kilobytes(statSync(join(root, name)).size)}`;
  console.log(`  ${files.length} files, packed ${kilobytes(statSync(tarball).size)}; ${files.filter((f) => /\.(wasm|js)$/.test(f) && !f.includes('/modules/')).map(size).join(', ')}`);
}
