// The package starts, and trains, where a host lacks what the web adds to JavaScript; Jest's jsdom lacks some of it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const MISSING = ['TextEncoder', 'TextDecoder', 'fetch', 'Response', 'Blob', 'ReadableStream', 'DecompressionStream', 'Worker', 'navigator', 'performance', 'structuredClone', 'SharedArrayBuffer', 'Atomics'];
const PROGRAM = `
  for (const name of ${JSON.stringify(MISSING)}) delete globalThis[name];
  const { nn, ones, optim } = require(process.argv[1]);
  const net = new nn.Sequential(new nn.Linear(2, 1)), step = new optim.SGD(net.parameters(), 0.1);
  net(ones(1, 2)).sum().backward();
  step.step();
  console.log('trained');
`;

it.each(['node.cjs', 'inline.cjs'])('%s needs none of them', (file) => {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM, dist + file], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'trained\n', stderr: '' });
});
