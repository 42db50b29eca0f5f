// Batches that have to be waited for, some of which are asked for ahead.
import { Scope } from '../runtime/scope';

/** What was got for a batch: items, or the batch itself where it was ready. */
export interface Ready {
  readonly value: unknown;
  readonly isBatch: boolean;
}

/** What was asked for, and the scope of what was made when it was. */
interface Asked {
  readonly ready: Promise<() => Ready | null>;
  readonly scope: Scope;
}

/**
 * Gives what `ask` promises in the order of asking, `depth` asks being open at a time, finished by `finish`. A promise of null is
 * passed over; `ask` returns null when there is nothing more. What is made for a batch, up to the first `await` of a dataset, is
 * released when the next one is asked for. `close` is called once, when the loop ends, however it ends.
 */
export async function* eachAhead<B>(depth: number, ask: () => Promise<() => Ready | null> | null, finish: (ready: Ready) => B, close: () => void): AsyncGenerator<B> {
  const open: Asked[] = [];
  const scopes: Scope[] = [];
  const release = (): void => { for (const scope of scopes.splice(0)) scope.dispose(); };
  let isDry = false;
  try {
    for (;;) {
      release();
      while (!isDry && open.length < depth) {
        const [ready, scope] = inScope(ask);
        if (ready === null) {
          isDry = true;
          scope.dispose();
          break;
        }
        // Whether it failed is seen when its batch is due.
        ready.catch(() => undefined);
        open.push({ ready, scope });
      }
      const first = open.shift();
      if (first === undefined) return;
      scopes.push(first.scope);
      const got = await first.ready;
      const [batch, scope] = inScope(() => {
        const ready = got();
        return ready === null ? null : { value: finish(ready) };
      });
      scopes.push(scope);
      if (batch !== null) yield batch.value;
    }
  } finally {
    release();
    for (const { scope } of open) scope.dispose();
    close();
  }
}

/** What `make` returns, and a scope of all it made. */
function inScope<T>(make: () => T): [T, Scope] {
  const scope = new Scope();
  try {
    return [make(), scope];
  } catch (error) {
    scope.dispose();
    throw error;
  } finally {
    scope.leave();
  }
}
