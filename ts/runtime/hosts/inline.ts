// Everything in JavaScript: both modules of the binary are text in the bundle, and nothing is read, fetched or imported at run time.
// What bundlers for Node take by themselves, and what serves wherever no file can lie beside the script.
import { provide, setLoader } from '../wasm';
import { compileAtOnce, compileAhead } from '../embedded';
import primary from './embedded-primary.js';
import secondary from './embedded-secondary.js';

setLoader({ primary: () => compileAtOnce(primary), secondary: () => compileAtOnce(secondary) });

/** Compiles the whole binary without blocking. Never needed; with it no later call waits for that. */
export async function init(): Promise<void> {
  const [primaryModule, secondaryModule] = await Promise.all([compileAhead(primary), compileAhead(secondary)]);
  provide(primaryModule!, secondaryModule);
}
