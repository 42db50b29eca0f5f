// What is drawn at random may be the path of a file to write: code that imports this runs in a folder of its own, which goes with the process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const started = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'adjoint-'));
process.chdir(folder);
process.on('exit', () => {
  process.chdir(started);
  rmSync(folder, { recursive: true, force: true });
});
