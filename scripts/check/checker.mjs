// Named checks of a command of its own: each is counted, timed and printed.
import { SetupError, duration } from '../setup/log.mjs';

/** A function that runs one named check, counts it under the name of its project, and says whether it passed. */
export function checker(project, tally) {
  return async (name, work) => {
    const start = performance.now();
    let error = null;
    try {
      await work();
      tally.add({ passed: 1 });
    } catch (thrown) {
      error = thrown;
      tally.fail(`${project}: ${name}`);
    }
    console.log(`  ${error ? 'FAILED' : 'passed'}  ${name} (${duration(performance.now() - start)})`);
    if (error) console.log(indent(error instanceof SetupError || error.code === 'ERR_ASSERTION' ? error.message : (error.stack ?? String(error))));
    return error === null;
  };
}

const indent = (text) => text.replace(/^/gm, '          ');
