// A rule for eslint: in ts/ imports point to the own layer or to lower ones.
import { dirname, join, relative } from 'node:path';
import { inRoot } from '../setup/paths.mjs';
import { LAYERS, heightOf, mayImport } from './layers.mjs';

const sources = inRoot('ts');

/** The file as layers.mjs names it: below ts/, without its ending. */
const named = (path) => relative(sources, path).replaceAll('\\', '/').replace(/\.[jt]s$/, '');

/** Whether an import or export from another file is of types alone. */
function isOfTypes({ importKind, exportKind, specifiers = [] }) {
  if (importKind === 'type' || exportKind === 'type') return true;
  return specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === 'type' || specifier.exportKind === 'type');
}

export const layers = {
  meta: {
    type: 'problem',
    docs: { description: 'forbid imports from higher layers of ts/' },
    messages: {
      unknown: `{{file}} is in no layer; ts/ has the folders ${LAYERS.join(' < ')}: add it to scripts/check/layers.mjs`,
      upward: `{{from}} imports {{to}}, which is above it (${LAYERS.join(' < ')}); move what is shared down, or have the upper file hand it over`,
    },
    schema: [],
  },
  create(context) {
    const from = named(context.filename);
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== 'string' || !target.startsWith('.')) return;
      const to = named(join(dirname(context.filename), target));
      if (to.startsWith('..')) return;
      const unknown = [from, to].find((file) => heightOf(file) === undefined);
      if (unknown !== undefined) context.report({ node, messageId: 'unknown', data: { file: unknown } });
      else if (!mayImport(from, to, isOfTypes(node))) context.report({ node, messageId: 'upward', data: { from, to } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};
