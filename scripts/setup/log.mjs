// The set-up's voice: one line when a step is already done, two (start, end with its duration) when it works.

/** An error whose message says all the reader needs; printed without a stack trace. */
export class SetupError extends Error {}

const prefix = (title) => `[setup] ${title.padEnd(14)} `;

/** Prints one line about a step. */
export function note(title, text) {
  console.log(prefix(title) + text);
}

/** Milliseconds as a reader wants them: `12 ms`, `3.4 s`, `2 min 5 s`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Runs `work`, saying what it does before and how long it took after. */
export async function timed(title, doing, work) {
  note(title, `${doing} …`);
  const start = performance.now();
  const result = await work();
  note(title, `done in ${duration(performance.now() - start)}`);
  return result;
}

/** Ends the process: a SetupError as one sentence, anything else (a bug of these scripts) with its stack. */
export function exitWith(error) {
  console.error(error instanceof SetupError ? `\n[setup] stopped: ${error.message}` : error);
  process.exit(1);
}
