// node scripts/check/changelog.mjs v1.2.3: prints what the changelog says of the version of a tag, the notes of its release. Fails
// where it says nothing, and where package.json or Cargo.toml have another version than the tag.
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { readText } from '../setup/paths.mjs';

/** What a changelog says of a version, without its heading; null where it has no dated section that lists something. */
export function sectionOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const found = sections.find((text) => text.startsWith(`[${version}] - `));
  if (found === undefined || !/^\S+ - \d{4}-\d{2}-\d{2}\n/.test(found)) return null;
  const body = found.slice(found.indexOf('\n')).trim();
  return /^- \S/m.test(body) ? body : null;
}

/** Why a tag cannot be released; empty where it can. */
export function objections(tag, { changelog, manifest, cargo }) {
  const version = tag.replace(/^v/, '');
  const why = [];
  if (!/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag)) why.push(`${tag} is no version: expected v1.2.3`);
  if (manifest !== version) why.push(`package.json has version ${manifest}`);
  if (cargo !== version) why.push(`Cargo.toml has version ${cargo}`);
  if (sectionOf(changelog, version) === null) why.push(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD" that lists what changed`);
  return why;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const tag = argv[2] ?? '';
  const changelog = readText('CHANGELOG.md');
  const cargo = /^\[workspace\.package\]\nversion = "([^"]+)"/m.exec(readText('Cargo.toml'))?.[1];
  const why = objections(tag, { changelog, manifest: JSON.parse(readText('package.json')).version, cargo });
  if (why.length > 0) {
    console.error(`${tag || 'no tag'} cannot be released:\n${why.map((line) => `  ${line}`).join('\n')}`);
    process.exit(1);
  }
  console.log(sectionOf(changelog, tag.replace(/^v/, '')));
}
