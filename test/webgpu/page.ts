// Training on the device of a page; the words to choose by are in the address.
import { training } from './training';

const lines: string[] = [];
await training({}, location.hash.length > 1 ? decodeURIComponent(location.hash.slice(1)).split(' ') : [], (line) => {
  lines.push(line);
  document.body.textContent = lines.join('\n');
});
(globalThis as { trained?: string[] }).trained = lines;
