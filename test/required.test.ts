// What the build makes for `require`: compressed texts of the binary, and CommonJS of what ES modules share.
import { createRequire } from 'node:module';
import vm from 'node:vm';
import * as adjoint from 'adjoint';
import { describe, expect, it } from 'vitest';
import { pack } from '../scripts/build/embed.mjs';
import { asRequired, fromRequired } from '../scripts/build/required.mjs';
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

describe('an entry for import that shares the files for require', () => {
  const text = 'import "./chunk-A.js";\nimport {\n  a,\n  b as c\n} from "./chunk-B.js";\nimport * as fs from "fs";\nexport {\n  a,\n  c\n};\n//# sourceMappingURL=x.js.map\n';

  it('takes from them what it imported, and nothing else changes', () => {
    expect(fromRequired(text)).toBe(
      'import shared from "./shared.cjs";\nconst {\n  a,\n  b: c\n} = shared["chunk-B"];\nimport * as fs from "fs";\nexport {\n  a,\n  c\n};\n',
    );
  });

  it('is refused where it is written in an unknown way', () => {
    expect(() => fromRequired('import * as all from "./chunk-A.js";\n')).toThrow(/unknown way/);
  });
});

describe('the package in Node', () => {
  it('is one library for import and require', () => {
    const required = createRequire(import.meta.url)('adjoint') as typeof adjoint;
    expect(required.Tensor).toBe(adjoint.Tensor);
    expect(required.ones([2]).add(adjoint.ones([2])).tolist()).toEqual([2, 2]);
  });

  it('has the files that a call loads, also for require', async () => {
    const { capture, nn, ones, DeviceError } = createRequire(import.meta.url)('adjoint') as typeof adjoint;
    const net = new nn.Linear(2, 1);
    const program = capture((x: adjoint.Tensor) => net(x), ones([1, 2]));
    await expect(program.to('webgpu')).rejects.toBeInstanceOf(DeviceError);
  });
});
