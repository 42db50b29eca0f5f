// Tells the parent, on an output of its own, how long this process has worked, even while its main thread is in a call.
import { fstatSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** Writes the time of the processor that the whole process took, in milliseconds. */
const BEAT = `
  const { writeSync } = require('node:fs');
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    writeSync(3, Math.round((user + system) / 1000) + '\\n');
  }, 500);
`;

/** Whether a parent listens: nothing does where the process was started by hand. */
function isHeard(): boolean {
  try {
    return fstatSync(3).isFIFO() || fstatSync(3).isSocket();
  } catch {
    return false;
  }
}

if (isHeard()) new Worker(BEAT, { eval: true, execArgv: [] }).unref();
