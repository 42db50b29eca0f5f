import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { layers } from './scripts/check/layers-rule.mjs';

export default tseslint.config(
  { ignores: ['dist/', 'target/', 'node_modules/', '.tools/', 'out/', 'ts/generated/', 'test/packaging/fixtures/', 'site/**/*.ts', 'site/.pages/', 'site/offline.js'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number in a template is how every error message of the package is written.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // It follows types into their members without an end: nested arrays of any depth, as `tensor()` takes, overflow its stack.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Index access is checked by noUncheckedIndexedAccess; hot loops over typed arrays then say `!` where the bound is plain.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // The compiler knows no layers; test/architecture.test.ts looks for circles besides.
    files: ['ts/**/*.ts'],
    plugins: { adjoint: { rules: { layers } } },
    rules: { 'adjoint/layers': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests hand over wrong types on purpose.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'process', 'performance', 'URL', 'Buffer', 'setTimeout', 'clearTimeout', 'fetch', 'WebAssembly'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    // Parts of these run in a page.
    files: ['site/test/**/*.mjs', 'scripts/test-site.mjs'],
    languageOptions: { globals: { document: 'readonly', window: 'readonly', localStorage: 'readonly', navigator: 'readonly', Event: 'readonly', PerformanceObserver: 'readonly' } },
  },
);
