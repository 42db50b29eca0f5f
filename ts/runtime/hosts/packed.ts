// Everything in JavaScript, for those who require it, such as Jest with jsdom: no page loads these files, so the texts are compressed and
// the package does not hold the binary as text twice.
import { provide, setLoader } from '../wasm';
import { compileAhead, compileAtOnce } from '../embedded';
import { unpack } from '../packed';
import primary from './packed-primary.cjs';
import secondary from './packed-secondary.cjs';

setLoader({ primary: () => compileAtOnce(primary, unpack), secondary: () => compileAtOnce(secondary, unpack) });

/** Compiles the whole binary without blocking. Never needed; with it no later call waits for that. */
export async function init(): Promise<void> {
  const [primaryModule, secondaryModule] = await Promise.all([compileAhead(primary, unpack), compileAhead(secondary, unpack)]);
  provide(primaryModule!, secondaryModule);
}
