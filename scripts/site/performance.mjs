// The page on speed: figures of the bench's records with machine and dates, and what makes programs fast.
import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

const OTHERS = { torch: 'PyTorch', tfjs: 'TensorFlow.js', 'jax-jit': 'jax-js, jit' };

/** Nanoseconds as they are read best. */
const time = (ns) => (ns >= 1e6 ? `${(ns / 1e6).toPrecision(3)} ms` : ns >= 1e3 ? `${(ns / 1e3).toPrecision(3)} µs` : `${ns.toPrecision(3)} ns`);

/** What another library took in units of this one's time: the smallest times of the same run. */
function ratio(other, own) {
  if (other?.min === undefined) return '–';
  const times = other.min / own.min;
  return times >= 100 ? String(Math.round(times)) : times.toPrecision(2);
}

/** The titles of workloads as the bench writes them. */
function titles() {
  const text = readFileSync(inRoot('bench', 'suite', 'workloads.ts'), 'utf8');
  return Object.fromEntries([...text.matchAll(/(?:name: |(?:product|million|slowMillion)\()'([\w.]+)',\s*(?:title: )?'([^']+)'/g)].map(([, name, title]) => [name, title]));
}

const read = (file) => JSON.parse(readFileSync(inRoot('bench', 'results', file), 'utf8'));

function table(file) {
  const { machine, subjects, times } = read(file);
  const title = titles();
  const rows = Object.entries(times).flatMap(([name, by]) => {
    const own = by.adjoint;
    if (own?.min === undefined) return [];
    return [`| ${title[name] ?? name} | ${time(own.min)} | ${Object.keys(OTHERS).map((subject) => ratio(by[subject], own)).join(' | ')} | ${own.at.slice(0, 10)} |`];
  });
  const versions = Object.entries(OTHERS).flatMap(([subject, name]) => (subjects[subject]?.version ? [`${name} ${subjects[subject].version}`] : []));
  return `### Node ${machine.node}

${machine.processor}, ${machine.processors} processors, ${machine.vectorFlags}, ${machine.system}. ${versions.join(', ')}; every library on one thread.

| workload | Adjoint | ${Object.values(OTHERS).join(' | ')} | measured |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

export function performancePage() {
  const files = readdirSync(inRoot('bench', 'results')).filter((name) => name.endsWith('.json')).sort().reverse();
  const calls = files.map((file) => read(file).times['chain.forward']?.adjoint?.min).filter((ns) => ns !== undefined).sort((a, b) => a - b);
  return `# Performance

## What makes a program fast

- **Fewer, larger operations.** On 8 numbers an operation takes ${calls.map(time).join(' to ')}, most of which is the call; with thousands of elements that does not count.
- **Operations that are made for it.** \`linear\`, \`layerNorm\`, \`scaledDotProductAttention\`, \`crossEntropy\` and the optimizers' steps are one pass each.
- **Release what is not needed.** \`scope(() => …)\` around a step gives memory back at once, so that the next step finds it in the cache: [memory](./memory).
- **Capture what repeats.** \`capture()\` records a step once and runs it again in one call of the binary: [how it works](./how-it-works).
- **Read rarely.** \`item()\` and \`tolist()\` copy out of the binary; sum losses as tensors and read the sum.
- **Look before you change.** \`profiler.profile(() => step()).table()\` says which operations take the time; [here it does so live](../try/inside).

## Figures

The smallest time of each workload, and how many times as long other libraries took in the same run. Above 1 Adjoint is faster. All figures with
quartiles, ceilings and goals are in [benchmarks](./benchmarks); [measure it in your browser](../try/measure).

${files.map(table).join('\n')}`;
}
