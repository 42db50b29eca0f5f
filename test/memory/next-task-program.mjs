// Runs out of memory with tensors to which nothing refers any more, and prints after how many tasks there is memory again:
// test/memory/low-memory.test.ts runs it in a process of its own, with little memory. The argument is the kind of task.
import { setImmediate, setTimeout } from 'node:timers';
import { OutOfMemoryError, ones } from 'adjoint';

function grow() {
  const held = [];
  try {
    for (;;) held.push(ones([512, 512]));
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    return held.length;
  }
}

function isThere(count) {
  try {
    ones([count, 512, 512]).dispose();
    return true;
  } catch {
    return false;
  }
}

const task = { immediate: (done) => setImmediate(done), timeout: (done) => setTimeout(done) }[process.argv[2]];
const first = grow();
let tasks = 0;
do {
  await new Promise(task);
  tasks += 1;
} while (tasks < 100 && !isThere(Math.floor(first / 4)));
console.log(JSON.stringify({ first, tasks, again: grow() }));
