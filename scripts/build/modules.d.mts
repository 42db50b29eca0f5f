import type { Plugin } from 'esbuild';

export function moduleEntries(entries: readonly string[]): Record<string, string>;
export const keepImports: Plugin;
