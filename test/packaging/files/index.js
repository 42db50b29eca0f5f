// Files and loaders in Node, Deno and Bun; started in the folder of the project, where given/ has files of PyTorch's and out/ is to be written.
import { readFileSync, readdirSync } from 'node:fs';
import * as adjoint from 'adjoint';
import { made, workersRun } from './datasets.js';
import { everyFile } from './files.js';
import { everyLoader } from './loaders.js';

const given = Object.fromEntries(readdirSync('given').map((name) => [name, Uint8Array.from(readFileSync(`given/${name}`))]));
const address = (folder, name) => new URL(`./${folder}/${name}`, import.meta.url);
const sources = {
  'a path': (_, name) => `given/${name}`,
  'a file: URL': (_, name) => address('given', name),
  'the text of a file: URL': (_, name) => String(address('given', name)),
};
const files = {
  path: (name) => `out/${name}`,
  address: (name) => address('out', name),
  given: (name) => `given/${name}`,
  read: (name) => readFileSync(`out/${name}`),
};

workersRun(new URL('./thread.js', import.meta.url));
const results = { files: await everyFile(adjoint, { given, sources, files }), loaders: await everyLoader(adjoint, made, new URL('./no-such-module.js', import.meta.url)) };
console.log(JSON.stringify(results));
