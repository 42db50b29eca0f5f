// Fills the memory with small tensors, releases all but a few of them, and asks for most of the memory in one piece;
// test/memory/low-memory.test.ts runs it in a process of its own, with little memory.
import { OutOfMemoryError, Scope, empty, memoryStats, ones, scope } from 'adjoint';

const kept = [];
const small = new Scope();
let count = 0;
try {
  for (;; count++) kept.push(ones([1 + (count % 60)]));
} catch (error) {
  if (!(error instanceof OutOfMemoryError)) throw error;
} finally {
  small.leave();
}
const before = memoryStats().bytes;
small.dispose();
kept.length = 0;
// What the largest tensor takes that can be had now, in MiB.
let largest = 0;
for (let step = 512; step >= 1; step /= 2) {
  try {
    scope(() => { empty([(largest + step) * 2 ** 20], { dtype: 'uint8' }); });
    largest += step;
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
  }
}
console.log(JSON.stringify({ count, before, largest, isAlive: ones(3).sum().item() === 3 }));
