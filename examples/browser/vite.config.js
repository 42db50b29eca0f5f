// In a project of your own `npm install adjoint` is enough; here the package is the repository itself.
import { fileURLToPath } from 'node:url';

export default {
  root: import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  resolve: { alias: { adjoint: fileURLToPath(new URL('../../dist/browser.js', import.meta.url)) } },
  worker: { format: 'es' },
  server: { fs: { allow: ['../..'] } },
};
