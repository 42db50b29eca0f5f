// The maps of the package: a line of it leads to the line it was made of.
import { readFileSync, readdirSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';
import { byLine } from '../scripts/build/maps.mjs';

const dist = join(import.meta.dirname, '..', 'dist');

it('a map by lines leads to where the map of every token led at the beginning of each line', () => {
  const source = readFileSync(join(import.meta.dirname, '..', 'ts', 'tensor', 'tensor.ts'), 'utf8');
  const { code, map } = transformSync(source, { loader: 'ts', sourcemap: 'external', sourcefile: 'tensor.ts' });
  const whole = JSON.parse(map) as SourceMapPayload;
  const thin = { ...whole, names: [], mappings: byLine(whole.mappings) };
  expect(thin.mappings.length).toBeLessThan(whole.mappings.length / 3);
  const [before, after] = [new SourceMap(whole), new SourceMap(thin)];
  let found = 0;
  code.split('\n').forEach((_, line) => {
    const to = after.findEntry(line, 1000) as { generatedLine: number; generatedColumn: number };
    if (to.generatedLine !== line) return;
    found += 1;
    expect(before.findEntry(line, to.generatedColumn)).toEqual(to);
  });
  expect(found).toBeGreaterThan(100);
});

it('the maps of the package have no other', () => {
  const maps = readdirSync(dist, { recursive: true }).map(String).filter((name) => name.endsWith('.map'));
  expect(maps.length).toBeGreaterThan(50);
  for (const name of maps) {
    const { mappings } = JSON.parse(readFileSync(join(dist, name), 'utf8')) as SourceMapPayload;
    expect(mappings, name).not.toContain(',');
  }
});
