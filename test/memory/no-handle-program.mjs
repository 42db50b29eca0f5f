// Fills the table of handles to where it has to grow and cannot, and then makes results whose graph refers to tensors of the caller's:
// what cannot be handed out goes, and takes what hooks have packed with it. test/memory/low-memory.test.ts runs it in a process of its own,
// with little memory.
import { OutOfMemoryError, autograd, ones } from 'adjoint';

const x = ones([2], { requiresGrad: true });
const held = [];
try {
  for (;;) held.push(ones([1]));
} catch (error) {
  if (!(error instanceof OutOfMemoryError)) throw error;
}
const counts = { packed: 0, worked: 0, outOfMemory: 0 };
const others = new Set();
const pack = (t) => {
  counts.packed += 1;
  return t;
};
for (let freed = 0; freed < 12 && counts.worked < 2; freed++) {
  try {
    autograd.graph.savedTensorsHooks(pack, (t) => t, () => { x.square().exp().dispose(); });
    counts.worked += 1;
  } catch (error) {
    if (error instanceof OutOfMemoryError) counts.outOfMemory += 1;
    else others.add(String(error));
  }
  for (const t of held.splice(-(2 ** freed))) t.dispose();
}
for (const t of held) t.dispose();
console.log(JSON.stringify({ others: [...others], isAlive: ones(3).sum().item() === 3, ...counts }));
