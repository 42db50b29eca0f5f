// Parts of the repository's records, as they stand there, and when they were last written.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';

export const read = (path) => readFileSync(inRoot(path), 'utf8');

/** The day of the last commit that changed a file; nothing where there is no history, as in an archive of the sources. */
export function dateOf(path) {
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%cs', '--', path], { cwd: inRoot(), encoding: 'utf8' });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null;
}

/** `Recorded on …` of a file, as a sentence. */
export function recorded(path) {
  const date = dateOf(path);
  return date === null ? '' : `Recorded ${date}.`;
}

/** The table of a document that comes first behind a line with `marker`, or first at all. */
export function tableOf(path, marker = '') {
  const text = read(path);
  const at = text.indexOf(marker);
  const found = at < 0 ? null : /^\|.*\n\|[-| :]+\|\n(?:\|.*\n?)+/m.exec(text.slice(at));
  if (!found) throw new Error(`${path} has no table behind "${marker}"`);
  return found[0].trim();
}

/** What stands under a heading of a document. */
export function sectionOf(path, heading) {
  const [, body] = new RegExp(`^## ${heading}\\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(read(path)) ?? [];
  if (body === undefined) throw new Error(`${path} has no section "${heading}"`);
  return body.trim();
}
