// One set-up at a time in a working tree: two that install or build into the same folders would tear each other's files.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { note } from './log.mjs';
import { tools } from './paths.mjs';

const file = join(tools, 'lock');

function holder() {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === 'EPERM' ? 'another user' : null;
  }
}

/** Waits until no other set-up runs in this tree, then runs `work` as the only one. */
export async function alone(work) {
  mkdirSync(tools, { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const other = holder();
    if (other === null) {
      // Left by a process that is gone, or being written this very moment: look twice before taking it away.
      await sleep(100);
      if (holder() === null) rmSync(file, { force: true });
      continue;
    }
    if (!told) note('lock', `waiting for the set-up of process ${other}`);
    told = true;
    await sleep(300);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
