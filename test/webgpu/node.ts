// Training on a device in Node.
import { gpuOfNode } from './node-gpu';
import { training } from './training';

const lines: string[] = [];
await training({ gpu: await gpuOfNode(), slower: Number(process.env.ADJOINT_SLOW ?? 1) }, process.argv.slice(2), (line) => {
  lines.push(line);
  console.log(line);
});
const failed = lines.filter((line) => line.startsWith('failed')).length;
console.log(`${lines.length - failed} passed, ${failed} failed in Node`);
// Dawn's threads would keep the process.
process.exit(failed > 0 ? 1 : 0);
