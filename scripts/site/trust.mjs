// The page of figures: what was held against PyTorch, how fast and how large, from the records of the repository.
import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

const read = (path) => readFileSync(inRoot(path), 'utf8');

/** The first lines of a list of PyTorch's recorded ops that are missing say how many. */
function conformance() {
  const says = read('test/conformance/missing.txt').split('\n')[0].replace(/^# /, '');
  const vectors = readdirSync(inRoot('test', 'conformance', 'vectors')).length;
  return `${says} Those that are here are held against ${vectors} files of values, gradients and second gradients that PyTorch computed.`;
}

/** The ops of the table and their samples. */
function table() {
  const ops = JSON.parse(read('test/generated/manifest.json'));
  const samples = ops.reduce((sum, op) => sum + op.samples.length, 0);
  return `${ops.length} entries of the op table, ${samples} samples: each with its gradients against finite differences, strided, broadcast, empty and in place.`;
}

export function trustPage() {
  return `# Trust

What is claimed here is checked by a command of the repository, and what is missed is said.

## Against PyTorch

${conformance()}

${table()}

## Speed

Ratios to PyTorch, to native code and to other JavaScript libraries, measured in turns in one run, with goals that are missed: [benchmarks](./docs/benchmarks.md);
short, with machines and dates: [performance](./docs/performance.md).

## Safety

Random calls over everything callable, with what must hold checked after each: [the fuzzer](./docs/decisions/0020-fuzzer.md), its
[findings and runs](./bench/notebooks/0020.md). What happens near the memory limit, after a stack overflow and in another copy of the package
is tested; [security](./SECURITY.md).

## Size and platforms

A page with what networks and their training need loads less than 200 KB; [where it was tried](./docs/platforms.md), [how it is kept small](./docs/decisions/0009-size.md).

## Decisions

Each has what was rejected and how one would know that it was wrong: [decisions](./docs/decisions/0001-algebra-over-vectors.md).
`;
}
