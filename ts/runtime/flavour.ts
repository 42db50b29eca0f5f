// Which of the two binaries a program in Node, Deno or Bun runs.
import { UsageError } from '../core/errors';
import { hasRelaxedSimd } from './relaxed';

/** The environment variable that chooses one. */
const VARIABLE = 'ADJOINT_WASM';

/** What Deno has besides Node's ways. */
interface Deno {
  permissions: { querySync(asked: { name: 'env'; variable: string }): { state: string } };
}

/** The variable's value; undefined where it may not be read, rather than have Deno ask for the permission. */
function wanted(): string | undefined {
  const deno = (globalThis as { Deno?: Deno }).Deno;
  if (deno !== undefined && deno.permissions.querySync({ name: 'env', variable: VARIABLE }).state !== 'granted') return undefined;
  return process.env[VARIABLE];
}

/** `relaxed`, the faster one, where the engine has relaxed SIMD, and `simd128`, whose bits are the same everywhere, where not or where it is asked for. */
export function flavour(): 'relaxed' | 'simd128' {
  const chosen = wanted() ?? '';
  if (chosen === '') return hasRelaxedSimd() ? 'relaxed' : 'simd128';
  if (chosen !== 'relaxed' && chosen !== 'simd128') {
    throw new UsageError(`init: ${VARIABLE} must be simd128 or relaxed, got ${JSON.stringify(chosen)}; without it the engine decides`, 'init');
  }
  if (chosen === 'relaxed' && !hasRelaxedSimd()) {
    throw new UsageError(`init: ${VARIABLE} is relaxed, but this engine has no relaxed SIMD; Node 20 has it with --experimental-wasm-relaxed-simd`, 'init');
  }
  return chosen;
}
