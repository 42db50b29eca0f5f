// examples/desktop, compiled by Bun to one file with weights and library inside, and started away from both.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { inRoot } from '../../../scripts/setup/paths.mjs';
import { install, run as execute } from '../runner/sandbox.mjs';
import { command } from '../runner/tools.mjs';

export const about = 'the example of a compiled program, by Bun';

/** A part of a PNG file: its length, its name, its bytes, and a checksum of both. */
function chunk(name, bytes) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), bytes]);
  const part = Buffer.alloc(body.length + 8);
  part.writeUInt32BE(bytes.length);
  body.copy(part, 4);
  part.writeUInt32BE(crc32(body), body.length + 4);
  return part;
}

/** A grey PNG of 28 by 28 pixels with a slanted stroke. */
function drawing() {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(28, 0);
  header.writeUInt32BE(28, 4);
  header[8] = 8; // bits; colour type 0 is grey
  // Each row begins with the filter it has: none.
  const rows = Array.from({ length: 28 }, (_, y) => [0, ...Array.from({ length: 28 }, (_, x) => (Math.abs(x + y / 3 - 18) < 2 ? 255 : 0))]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.from(rows.flat()))), chunk('IEND', Buffer.alloc(0))]);
}

export async function run({ folder, check }) {
  const cwd = await install(folder, 'desktop', { name: 'adjoint-on-the-desktop', private: true, type: 'module', dependencies: { adjoint: 'file:../adjoint.tgz' } });
  for (const part of ['desktop', 'serving', 'normalized.ts']) cpSync(inRoot('examples', part), join(cwd, 'examples', part), { recursive: true });
  writeFileSync(join(cwd, 'drawing.png'), drawing());
  const digit = (await execute(process.execPath, ['weights.js'], { cwd })).trim();

  const away = join(folder, 'away');
  mkdirSync(away);
  const program = join(away, 'digits');
  await execute(await command('bun'), ['build', '--compile', 'examples/desktop/main.ts', 'digits.safetensors', '--outfile', program], { cwd, seconds: 120 });
  renameSync(join(cwd, 'drawing.png'), join(away, 'drawing.png'));

  await check('it reads the digit that the network reads in Node, and shows ten probabilities', async () => {
    const [first, ...bars] = (await execute(program, ['drawing.png'], { cwd: away })).trim().split('\n');
    assert.equal(first, digit);
    const percents = bars.map((bar) => Number(/ ([\d.]+) %$/.exec(bar)?.[1]));
    assert.equal(percents.length, 10);
    assert.ok(Math.abs(percents.reduce((sum, percent) => sum + percent, 0) - 100) < 1, String(percents));
  });
  await check('a file that is missing or no picture ends in one line', async () => {
    writeFileSync(join(away, 'text.png'), 'no picture');
    await assert.rejects(execute(program, ['missing.png'], { cwd: away }), /exit code 1\nENOENT[^\n]*$/);
    await assert.rejects(execute(program, ['text.png'], { cwd: away }), /exit code 1\nreadImage: the file is not a PNG[^\n]*$/);
  });
}
