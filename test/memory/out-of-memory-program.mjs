// Grows outside any scope until memory ends, forgets the tensors and goes on; test/memory/low-memory.test.ts runs it in a process of its
// own, with little memory. The argument says whether the places are recorded.
import { OutOfMemoryError, ones, trackLeaks } from 'adjoint';

const tracker = process.argv[2] === 'track' ? trackLeaks() : null;

function grow() {
  const held = [];
  try {
    for (;;) held.push(ones([512, 512]));
  } catch (error) {
    return { error, count: held.length };
  }
}

const first = grow();
tracker?.stop();
const { error } = first;
const messages = [error.message];
let again = 0;
// The next tasks.
for (let round = 0; round < 3; round++) {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => { setTimeout(resolve, 5); });
  again = grow().count;
}
console.log(JSON.stringify({ isTyped: error instanceof OutOfMemoryError, details: error.details, message: messages[0], first: first.count, again }));
