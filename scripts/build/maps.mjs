// Source maps that say of each line where it is from, and no more. Those of esbuild say it of every token: as much as the code itself. What
// reads these files is a stack trace, or the bundler of a page, which makes a map of its own.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of a segment: digits of five bits, the sixth for more to come, and of the first one the lowest for the sign. */
function numbersOf(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const letter of segment) {
    const digit = DIGITS.indexOf(letter);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

function segmentOf(numbers) {
  let text = '';
  for (const number of numbers) {
    let rest = number < 0 ? (-number << 1) | 1 : number << 1;
    do {
      const digit = rest & 31;
      rest >>>= 5;
      text += DIGITS[rest > 0 ? digit | 32 : digit];
    } while (rest > 0);
  }
  return text;
}

/** The mappings of a map with one segment a line: its first. */
export function byLine(mappings) {
  // All but columns of the output count on from the segment before, also over lines.
  const at = [0, 0, 0];
  let kept = [0, 0, 0];
  const lines = mappings.split(';').map((line) => {
    let first = null;
    let column = 0;
    for (const segment of line === '' ? [] : line.split(',')) {
      const [move, ...moves] = numbersOf(segment);
      column += move;
      if (moves.length === 0) continue;
      for (let i = 0; i < 3; i++) at[i] += moves[i];
      first ??= [column, ...at];
    }
    if (first === null) return '';
    const [start, ...place] = first;
    const text = segmentOf([start, ...place.map((value, i) => value - kept[i])]);
    kept = place;
    return text;
  });
  return lines.join(';');
}

/** Rewrites the maps below a folder so. */
export function thinMapsIn(folder) {
  for (const name of readdirSync(folder, { recursive: true }).map(String).filter((each) => each.endsWith('.map'))) {
    const file = join(folder, name);
    const { version, sources, mappings } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ version, sources, names: [], mappings: byLine(mappings) }));
  }
}
