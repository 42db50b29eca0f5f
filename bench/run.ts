// npm run bench -- NAME [arguments]: the measurements of the repository, by name.
import { showBoundary } from './boundary';
import { showGrowth } from './growth';

const benches: Readonly<Record<string, { about: string; run: (args: readonly string[]) => void }>> = {
  boundary: {
    about: 'what one operation on 8 numbers costs, and how much of that is the boundary',
    run: () => { showBoundary(); },
  },
  growth: {
    about: 'time and memory against the number of operations; takes the most operations, 1000000 by default',
    run: ([most]) => { showGrowth(most === undefined ? undefined : Number(most)); },
  },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- NAME [arguments]\n\n${Object.entries(benches).map(([key, { about }]) => `  ${key}: ${about}`).join('\n')}`);
  process.exitCode = 1;
} else bench.run(args);
