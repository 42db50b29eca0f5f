// npm run bench: measures the library, the ceiling of its process, native code and other libraries in the same run.
// What can be chosen is in bench/README.md.
import { writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { showBoundary } from './boundary';
import { showBreadth } from './breadth/run';
import { showFloor } from './floor';
import { showGrowth } from './growth';
import { showPlan } from './plan';
import { runShort } from './short';
import { bundles, metric, startTimes } from './suite/figures';
import { machineFacts } from './suite/machine';
import { measure } from './suite/measure';
import { SubjectProcess, scriptProcess } from './suite/process';
import { COLUMNS, report } from './suite/report';
import { RESULTS_FOLDER, readResults, writeResults } from './suite/results';
import { WORKLOADS } from './suite/workloads';
import { showThreads } from './threads';
import { webgpuReport } from './webgpu';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    subjects: { type: 'string' },
    python: { type: 'string' },
    results: { type: 'string' },
    markdown: { type: 'string' },
    short: { type: 'boolean' },
    report: { type: 'boolean' },
    list: { type: 'boolean' },
    rounds: { type: 'string' },
    record: { type: 'boolean' },
    growth: { type: 'boolean' },
  },
});

const FIGURES = ['import', 'bundle', 'growth', 'endurance'];
const here = import.meta.dirname;
const major = process.versions.node.split('.')[0]!;
const file = options.results ?? join(RESULTS_FOLDER, `node${major}.json`);

/** A list of names or beginnings of names; everything without one. */
function chosen(names: readonly string[], list: string | undefined): string[] {
  if (list === undefined) return [...names];
  const wanted = list.split(',');
  const found = names.filter((name) => wanted.some((w) => name === w || name.startsWith(`${w}.`)));
  for (const w of wanted) if (!names.some((name) => name === w || name.startsWith(`${w}.`))) throw new Error(`nothing is called ${w}; there are ${names.join(', ')}`);
  return found;
}

function start(name: string): SubjectProcess {
  const node = (script: string, ...args: string[]) => scriptProcess(name, join(here, script), ...args);
  switch (name) {
    case 'adjoint': return node('subjects/adjoint.ts', 'relaxed');
    case 'adjoint-simd128': return node('subjects/adjoint.ts', 'simd128');
    case 'native': return new SubjectProcess(name, join(here, '..', 'target', 'bench', 'native'), []);
    case 'torch': return new SubjectProcess(name, options.python!, [join(here, 'peers', 'torch_subject.py')], { OMP_NUM_THREADS: '1' });
    case 'jax-jit': return node('peers/jax_subject.mjs', 'jit');
    case 'jax-eager': return node('peers/jax_subject.mjs', 'eager');
    default: return node(`peers/${name}_subject.mjs`);
  }
}

/** Whether what a subject needs is there. */
function isThere(name: string): boolean {
  if (name === 'torch') return options.python !== undefined;
  if (name === 'native') return existsSync(join(here, '..', 'target', 'bench', 'native'));
  return name.startsWith('adjoint') || existsSync(join(here, 'peers', 'node_modules'));
}

async function main(): Promise<void> {
  const results = readResults(file);
  const names = chosen([...WORKLOADS.map(({ name }) => name), ...FIGURES], options.only);
  results.machine = machineFacts();
  const subjects = new Map<string, SubjectProcess>();
  for (const name of chosen(Object.keys(COLUMNS), options.subjects)) {
    if (!isThere(name)) {
      console.log(`without ${COLUMNS[name as keyof typeof COLUMNS]}: ${name === 'torch' ? 'give a Python that has torch with --python PATH' : 'it is not installed'}`);
      continue;
    }
    const subject = start(name);
    const about = await subject.ask('about');
    if (about.skip !== undefined) console.log(`without ${COLUMNS[name as keyof typeof COLUMNS]}: ${about.skip}`);
    else {
      results.subjects[name] = about;
      subjects.set(name, subject);
    }
  }
  const hasPeers = ['jax-jit', 'tfjs', 'ort'].some((name) => subjects.has(name));
  const own = subjects.get('adjoint');
  const figures: Record<string, () => Promise<Record<string, unknown>>> = {
    import: () => Promise.resolve(startTimes(hasPeers)),
    bundle: () => bundles(hasPeers),
    growth: () => metric(own!, 'growth'),
    endurance: () => metric(own!, 'stepsPerSecond'),
  };
  for (const name of names) {
    const from = performance.now();
    const workload = WORKLOADS.find((w) => w.name === name);
    if (workload !== undefined) await measure(workload, [...subjects.values()], results);
    else if (name === 'import' || name === 'bundle' || own !== undefined) results.figures[name] = await figures[name]!();
    writeResults(file, results);
    console.log(`${name}: measured in ${((performance.now() - from) / 1000).toFixed(1)} s`);
  }
  for (const subject of subjects.values()) subject.close();
  show();
}

function show(): void {
  const text = report(readResults(file));
  console.log(`\n${text}`);
  if (options.markdown !== undefined) writeFileSync(options.markdown, text);
}

const [other] = positionals;
if (other === 'boundary') showBoundary();
else if (other === 'breadth') await showBreadth({ ...options, rounds: options.rounds === undefined ? undefined : Number(options.rounds) });
else if (other === 'floor') showFloor();
else if (other === 'growth') showGrowth(positionals[1] === undefined ? undefined : Number(positionals[1]));
else if (other === 'plan') showPlan(positionals[1] === undefined ? undefined : Number(positionals[1]));
else if (other === 'threads') await showThreads(positionals[1] === undefined ? undefined : Number(positionals[1]), positionals[2]);
else if (other === 'webgpu') {
  await webgpuReport();
  // The device's threads would keep the process.
  process.exit(0);
} else if (other !== undefined) throw new Error(`unknown bench ${other}; there are boundary, breadth, floor, growth, plan, threads and webgpu, and without a name the whole suite`);
else if (options.list === true) console.log([...WORKLOADS.map(({ name, title }) => `${name}: ${title}`), ...FIGURES].join('\n'));
else if (options.short === true) process.exitCode = (await runShort()) ? 0 : 1;
else if (options.report === true) show();
else await main();
