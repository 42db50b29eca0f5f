// What the build makes for `require`: compressed texts of the binary, and CommonJS of what ES modules share.
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { pack } from '../scripts/build/embed.mjs';
import { asRequired } from '../scripts/build/required.mjs';
import { unpack } from '../ts/runtime/packed';

describe('compressed texts', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 1000, 70_000])('of %i bytes give them back', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * i * 2654435761) >>> (i % 24));
    expect(unpack(pack(bytes))).toEqual(bytes);
  });

  it('are letters that stand for themselves in a string literal', () => {
    expect(pack(Uint8Array.from({ length: 5000 }, (_, i) => (i * 193) ^ (i >> 3)))).not.toMatch(/["'`\\$<&]|[^ -~]/);
  });

  it('say so where they were cut', () => {
    expect(() => unpack(pack(new Uint8Array(1000).fill(7)).replace(/^1000/, '1001'))).toThrow(/1000 bytes, not the 1001/);
  });
});

describe('a shared module for require', () => {
  const text = 'var exports = null;\nlet count = 0;\nfunction more() {\n  count += 1;\n  exports = count;\n}\n\nexport {\n  more,\n  exports as last,\n  count\n};\n//# sourceMappingURL=x.js.map\n';

  it('has the exports of the ES module, which change as it changes them, and its lines', () => {
    const required = asRequired(text, 'x.js.map');
    const module: { exports: Record<string, any> } = { exports: {} };
    vm.runInNewContext(required, { module });
    expect([module.exports['count'], module.exports['last']]).toEqual([0, null]);
    module.exports['more']();
    expect([module.exports['count'], module.exports['last']]).toEqual([1, 1]);
    expect(required.split('\n').slice(1, 6)).toEqual(text.split('\n').slice(1, 6));
    expect(required).toMatch(/\n\/\/# sourceMappingURL=x\.js\.map\n$/);
  });

  it('is refused where it is written in an unknown way', () => {
    expect(() => asRequired(`import { a } from './a.js';\n${text}`, 'x.js.map')).toThrow(/unknown way/);
    expect(() => asRequired('export default 1;\n', 'x.js.map')).toThrow(/unknown way/);
  });
});
