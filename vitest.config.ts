import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,workers,devnet,tests,tools}/**/*.test.ts'],
    exclude: ['tests/e2e/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
