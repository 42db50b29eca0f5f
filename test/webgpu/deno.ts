// Training on the device that Deno finds.
import { training } from './training';

declare const Deno: { readonly args: readonly string[]; exit(code: number): never };

const lines: string[] = [];
await training({}, Deno.args, (line) => {
  lines.push(line);
  console.log(line);
});
const failed = lines.filter((line) => line.startsWith('failed')).length;
console.log(`${lines.length - failed} passed, ${failed} failed in Deno`);
Deno.exit(failed > 0 ? 1 : 0);
