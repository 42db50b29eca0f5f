// What the promises of calls come to: whoever gets one may wait for it or drop it, and must see nothing but a typed error.
import { wrongThrown } from './check';

/** For how long a promise may stay open, in milliseconds. */
export const LONGEST = 60_000;

/** For how long one is waited for that may hang on a function of the program's own, such as the `then` of what it handed over. */
export const BRIEF = 500;

/** What was wrong with promises that no step waits for. */
const found: [string, string][] = [];

/** Notes it where a promise is rejected with something that no caller may see. It is handled then, as a caller would. */
export function watch(given: unknown): void {
  if (!(given instanceof Promise)) return;
  given.catch((thrown: unknown) => {
    const wrong = wrongThrown(thrown);
    if (wrong !== null) found.push(wrong);
  });
}

// Those that calls give are all watched. What is rejected besides is a promise that no caller has, and ends a process of Node.
process.on('unhandledRejection', (thrown) => {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  found.push(['untyped', `a rejection that no caller can handle: ${text}`]);
});

/** What was wrong since the last time, or null. */
export function takeWrong(): [string, string] | null {
  return found.splice(0)[0] ?? null;
}

/** Whether a promise is settled in time. */
export async function isSettled(promise: Promise<unknown>, longest: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, longest, false);
  });
  const settled = promise.then(() => true, () => true);
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
