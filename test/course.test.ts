// The chapters of examples/course beside what their PyTorch twins found: in a short form, or in the
// small one with ADJOINT_COURSE=small.
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TOLERANCE, chapter, distance, distances, pathOf, recorded, sizes, type Size } from '../examples/course/chapters';

const size: Size = process.env['ADJOINT_COURSE'] === 'small' ? 'small' : 'short';
const names = Object.keys(sizes);
const { results } = recorded();

describe('the course', () => {
  it('has for every chapter a twin, sizes, a recorded result and a line in its README', () => {
    const files = readdirSync(pathOf('.'));
    const numbered = (ending: string) => {
      const found = files.filter((file) => /^\d\d-/.test(file) && file.endsWith(ending));
      return found.map((file) => file.slice(0, -ending.length)).sort();
    };
    expect(numbered('.ts')).toEqual(names);
    expect(numbered('.py')).toEqual(names);
    expect(Object.keys(results)).toEqual(names);
    const readme = readFileSync(pathOf('README.md'), 'utf8');
    expect(names.filter((name) => !readme.includes(`(${name}.ts)`) || !readme.includes(`(${name}.py)`))).toEqual([]);
  });

  it('measures how far results are apart', () => {
    expect(distance([1, 2], [1, 2])).toBe(0);
    expect(distance([1.001, 2], [1, 2])).toBeCloseTo(0.001, 6);
    expect(distance([1], [1, 2])).toBe(Infinity);
    expect(distance([NaN], [1])).toBeNaN();
    expect(distance([0.0001, 1], [0, 1])).toBeCloseTo(0.001414, 5);
    expect(distance([0.0001, 1], [0.0002, 1], true)).toBeCloseTo(0.5, 5);
    expect(distances({ loss: [1], w: [2] }, { loss: [1], w: [2], b: [3] })).toEqual({ loss: 0, w: 0, b: Infinity });
  });
});

describe.each(names)('%s', (name) => {
  it(`finds what PyTorch found, ${size}`, async () => {
    const { run, pictures } = await chapter(name);
    const result = run(...sizes[name]![size]);
    const expected = results[name]![size];
    expect(Object.keys(result)).toEqual(Object.keys(expected));
    expect(Object.entries(distances(result, expected)).filter(([, far]) => !(far <= TOLERANCE))).toEqual([]);
    for (const svg of Object.values(pictures(result))) expect(svg).toMatch(/^<svg [^]*<\/svg>\n?$/);
  }, 120_000);
});
