// Serves a Worker in workerd, the engine of Cloudflare Workers, on a free port of this machine.
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { SetupError } from '../setup/log.mjs';

// By require: what an import of a CommonJS module gives as its default depends on who loads it.
const { default: program } = createRequire(import.meta.url)('workerd');

/** How long the engine may take until it listens, in milliseconds. */
const PATIENCE = 30_000;

/** Serves what the configuration says; resolves once it listens. */
export async function serveWorker(config) {
  const child = spawn(program, ['serve', config, '--control-fd=3'], { cwd: dirname(config), stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const kill = () => child.kill();
  process.once('exit', kill);
  const stop = async () => {
    kill();
    await ended;
    process.off('exit', kill);
  };
  const port = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new SetupError(`workerd ${why}\n${said}`.trimEnd()));
    setTimeout(() => fail(`did not listen within ${PATIENCE / 1000} s`), PATIENCE).unref();
    child.once('error', (error) => fail(`cannot be started: ${error.message}`));
    void ended.then((code) => fail(`ended with exit code ${code}`));
    createInterface({ input: child.stdio[3] }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event === 'listen') resolve(message.port);
    });
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    address: `http://127.0.0.1:${port}/`,
    said: () => said,
    residentBytes: () => 1024 * Number(spawnSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' }).stdout),
    stop,
  };
}
