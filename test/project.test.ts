// The files by which others work on the project: workflows, issue forms, the dev container and the release. What runs them is elsewhere, so
// what can be known here is tested here.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { objections, sectionOf } from '../scripts/check/changelog.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const below = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name)).replaceAll('\\', '/'));

const manifest = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> };
const cargoVersion = /^version = "([^"]+)"/m.exec(read('Cargo.toml'))![1]!;

const yamls = below('.github').filter((path) => path.endsWith('.yml'));
const parsed = (path: string) => parseDocument(read(path), { strict: true, uniqueKeys: true });

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  'runs-on': string;
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, unknown[]> };
  steps: Step[];
}

interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const workflows = yamls.filter((path) => path.startsWith('.github/workflows/'));
const workflow = (path: string) => parsed(path).toJS() as Workflow;
const actions = yamls.filter((path) => path.startsWith('.github/actions/'));
const stepsOf = (path: string): Step[] =>
  path.startsWith('.github/actions/')
    ? (parsed(path).toJS() as { runs: { steps: Step[] } }).runs.steps
    : Object.values(workflow(path).jobs).flatMap(({ steps }) => steps);

test.each(yamls)('%s is YAML, with no key twice', (path) => {
  const { errors, warnings } = parsed(path);
  expect([...errors, ...warnings].map(({ message }) => message)).toEqual([]);
});

describe('workflows', () => {
  test('are those that check, package and release', () => {
    expect(workflows.sort()).toEqual(['check', 'packaging', 'release'].map((name) => `.github/workflows/${name}.yml`));
  });

  test.each([...workflows, ...actions])('%s pins its actions by version, and what it runs is there', (path) => {
    const steps = stepsOf(path);
    expect(steps.length).toBeGreaterThan(1);
    for (const { uses, run } of steps) {
      expect(uses === undefined || uses.startsWith('./') ? existsSync(join(root, uses ?? '')) : /@v\d+\.\d+\.\d+$/.test(uses), uses).toBe(true);
      for (const [, script] of (run ?? '').matchAll(/\bnpm run ([\w:-]+)/g)) expect(manifest.scripts).toHaveProperty([script!]);
      for (const [, file] of (run ?? '').matchAll(/\bnode ([\w./-]+\.mjs)/g)) expect(existsSync(join(root, file!)), file).toBe(true);
    }
  });

  test.each(workflows)('%s may read, ends, and keeps no credentials in the checkout', (path) => {
    const { permissions, jobs } = workflow(path);
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
    const checkouts = stepsOf(path).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const checkout of checkouts) expect(checkout.with).toEqual({ 'persist-credentials': false });
  });

  test('check every Node that is supported on x86-64 and arm64, by the command of the desk', () => {
    const job = workflow('.github/workflows/check.yml').jobs['check']!;
    expect(job.strategy!.matrix).toEqual({ node: [20, 22, 24], os: ['ubuntu-24.04', 'ubuntu-24.04-arm'] });
    expect(job.steps.at(-1)!.run).toBe('npm run check');
  });

  test('release with provenance, after the changelog and all checks', () => {
    const job = workflow('.github/workflows/release.yml').jobs['publish']!;
    const runs = job.steps.map(({ run }) => run ?? '');
    const at = (text: string) => runs.findIndex((run) => run.includes(text));
    expect(job.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
    const order = ['changelog.mjs', 'npm run check', 'npm run test:packaging', 'npm publish --provenance', 'gh release create'].map(at);
    expect(order.every((place, i) => place > (order[i - 1] ?? -1))).toBe(true);
  });
});

describe('issue forms', () => {
  const forms = yamls.filter((path) => /ISSUE_TEMPLATE\/\d/.test(path));

  test.each(forms)('%s asks for a small input and for PyTorch\'s answer', (path) => {
    const form = parsed(path).toJS() as {
      name: string;
      description: string;
      body: { type: string; id?: string; attributes: { label?: string }; validations?: { required: boolean } }[];
    };
    expect(form.name && form.description).toBeTruthy();
    const fields = form.body.filter(({ type }) => type !== 'markdown');
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    expect(fields.every(({ type, attributes }) => ['input', 'textarea', 'dropdown', 'checkboxes'].includes(type) && attributes.label)).toBe(true);
    const required = fields.filter(({ validations }) => validations?.required === true).map(({ attributes }) => attributes.label!);
    expect(required.some((label) => /small (input|program)/.test(label))).toBe(true);
    expect(fields.some(({ attributes }) => attributes.label!.includes("PyTorch's answer"))).toBe(true);
  });

  test('are three', () => {
    expect(forms.length).toBe(3);
  });
});

test('the dev container is built from a file that is there, and sets the repository up', () => {
  const container = JSON.parse(read('.devcontainer/devcontainer.json')) as { build: { dockerfile: string }; postCreateCommand: string };
  const file = read(join('.devcontainer', container.build.dockerfile));
  const [, rust] = /^FROM rust:(\d+\.\d+)/m.exec(file)!;
  const [, minimum] = /^rust-version = "(\d+\.\d+)/m.exec(read('Cargo.toml'))!;
  expect(Number(rust!.split('.')[1])).toBeGreaterThanOrEqual(Number(minimum!.split('.')[1]));
  expect(manifest.scripts).toHaveProperty([container.postCreateCommand.replace('npm run ', '')]);
});

describe('a release', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-02\n\n### Added\n\n- A thing.\n\n## [1.1.0] - soon\n\n- Another.\n\n## [1.0.0] - 2025-01-02\n';

  test('has as its notes what the changelog says of the version', () => {
    expect(sectionOf(changelog, '1.2.0')).toBe('### Added\n\n- A thing.');
    expect(objections('v1.2.0', { changelog, manifest: '1.2.0', cargo: '1.2.0' })).toEqual([]);
  });

  test.each([
    ['no date', 'v1.1.0', '1.1.0', 1],
    ['nothing listed', 'v1.0.0', '1.0.0', 1],
    ['no section', 'v2.0.0', '2.0.0', 1],
    ['another version in the packages', 'v1.2.0', '1.1.0', 2],
    ['a tag that is no version', 'latest', 'latest', 2],
  ])('is refused for %s', (_, tag, version, count) => {
    expect(objections(tag, { changelog, manifest: version, cargo: version })).toHaveLength(count);
  });

  test('is refused by the command, which says why', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/check/changelog.mjs', 'v999.0.0'], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('package.json has version');
  });

  test('has one version for the package and the crates', () => {
    expect(cargoVersion).toBe(manifest.version);
  });
});

test('the root has files of known kinds only: nothing that a program wrote there', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter((path) => path !== '' && !path.includes('/'));
  expect(files.filter((path) => !/^\.|\.(md|json|toml|ts|js|lock)$|^LICENSE$/.test(path))).toEqual([]);
});
