/* global File, Worker, location */
// Files and loaders in a page: given/ is on its server.
import * as adjoint from 'adjoint';
import { made, workersRun } from './datasets.js';
import { everyFile } from './files.js';
import { everyLoader } from './loaders.js';

const fetched = (name) => fetch(`./given/${name}`);

async function run() {
  const names = await (await fetch('./given/names.json')).json();
  const given = Object.fromEntries(await Promise.all(names.map(async (name) => [name, new Uint8Array(await (await fetched(name)).arrayBuffer())])));
  const sources = {
    'an answer': async (_, name) => fetched(name),
    'a promise of an answer': (_, name) => ({ then: (...on) => fetched(name).then(...on) }),
    'the body of an answer': async (_, name) => (await fetched(name)).body,
    'a File': (bytes, name) => new File([bytes], name),
  };
  workersRun((options) => new Worker(new URL('./thread.js', import.meta.url), { type: 'module', name: options.name }));
  const missing = (options) => new Worker(new URL('./given/no-such-module.js', location.href), options);
  return { files: await everyFile(adjoint, { given, sources }), loaders: await everyLoader(adjoint, made, missing) };
}

run()
  .catch((error) => ({ error: String(error?.stack ?? error) }))
  .then(async (results) => {
    await fetch('/results', { method: 'POST', body: JSON.stringify(results) }).catch(() => {});
    globalThis.results = results;
  });
