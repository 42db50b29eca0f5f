// The declarations, as the compiler finds them for each kind of user: every module resolution that reads `exports`, from an
// ES module and from CommonJS, with a compiler that checks the declarations themselves and one that does not.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, run as execute, tool } from '../runner/sandbox.mjs';

export const about = 'a TypeScript program, checked';

const modern = ['ES2022', 'ESNext.Disposable', 'DOM'];

// prettier-ignore
const USERS = [
  { name: 'node16, ES module', type: 'module', options: { module: 'node16', moduleResolution: 'node16', target: 'es2022', lib: modern } },
  { name: 'nodenext, CommonJS', type: 'commonjs', options: { module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022', lib: modern } },
  { name: 'bundler', type: 'module', options: { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', lib: modern } },
  { name: 'bundler for a page', type: 'module', options: { module: 'esnext', moduleResolution: 'bundler', customConditions: ['browser'], target: 'es2022', lib: modern } },
  { name: 'bundler for Workers', type: 'module', options: { module: 'esnext', moduleResolution: 'bundler', customConditions: ['workerd', 'worker'], target: 'es2022', lib: modern } },
  { name: 'Node.js without the DOM', type: 'module', options: { module: 'nodenext', target: 'es2022', lib: ['ES2022'], types: ['node'], typeRoots: [tool('@types')], skipLibCheck: true } },
  { name: 'verbatim modules, exact optional properties', type: 'module', options: { module: 'nodenext', target: 'esnext', lib: modern, verbatimModuleSyntax: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, isolatedModules: true } },
];

export async function run({ folder, check }) {
  const manifest = (type) => ({ name: 'adjoint-in-typescript', private: true, type, dependencies: { adjoint: 'file:../adjoint.tgz' } });
  const cwd = await install(folder, 'types', manifest('module'));
  for (const { name, type, options } of USERS) {
    await check(name, async () => {
      const compilerOptions = { strict: true, noEmit: true, types: [], skipLibCheck: false, ...options };
      writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest(type)));
      writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
      await execute(process.execPath, [tool('typescript', 'bin', 'tsc'), '--project', '.', '--pretty', 'false'], { cwd, seconds: 120 });
    });
  }
}
