import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const interactionDoor = ['interactionResult', 'interactionFinished'].map((property) => ({
  property,
  message: 'A sign-in leaves through src/sign-in/journey-routes.ts alone.',
}));
const settingsDoor = {
  object: 'process',
  property: 'env',
  message: 'Settings are read in src/config.ts alone.',
};
const clockDoor = {
  object: 'Date',
  property: 'now',
  message: 'Take a Clock (src/core/clock.ts) as an argument.',
};

export default tseslint.config(
  { ignores: ['node_modules', 'data', '.data*', 'dist', 'views/assets', 'tools/embedded-mongo'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/require-await': 'off',
      // Factories return plain objects whose functions never use `this`, so that they can be handed on one by one.
      '@typescript-eslint/unbound-method': 'off',
      // Koa types what `next()` resolves to as any; nobody looks at it.
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', settingsDoor, clockDoor, ...interactionDoor] },
  },
  {
    files: ['src/config.ts', 'src/core/clock.ts', 'src/sign-in/journey-routes.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    // chai's `expect(x).to.be.true` is an expression by design.
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', module: 'writable', URL: 'readonly' },
    },
  },
);
