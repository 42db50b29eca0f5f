// What is done to the rolled-up declarations before they are published.
import { expect, it } from 'vitest';
import { aliasNamespaces, restoreMergedClasses } from '../scripts/build/namespaces.mjs';

it('a class merged with an interface keeps its value in a namespace', () => {
  const text = [
    'declare class Module {}', 'interface Module {', '}', 'interface Options {', '}', 'type index_Module = Module;', 'type index_Options = Options;',
    'declare namespace index {', '  export { type index_Module as Module, type index_Options as Options };', '}',
  ].join('\n');
  expect(restoreMergedClasses(text)).toBe(
    text.replace('type index_Module = Module;', 'type index_Module = Module;\ndeclare const index_Module: typeof Module;').replace('type index_Module as', 'index_Module as'),
  );
});

it('a namespace in a namespace has types', () => {
  const text = 'declare namespace inner {\n}\ndeclare const index_inner: typeof inner;\ndeclare const index_x: typeof x;';
  expect(aliasNamespaces(text)).toBe(text.replace('declare const index_inner: typeof inner;', 'import index_inner = inner;'));
});
