import { defineConfig } from 'rolldown';

/**
 * The build: everything that a start needs in a few files, since opening some 700 modules is most of what a start
 * from separate files takes. What is loaded only when needed stays in chunks of its own.
 */
export default defineConfig({
  input: 'src/cli/packyard.ts',
  platform: 'node',
  // pino starts worker threads from its own files; pg looks for optional parts at run time.
  external: ['pino', 'pino-pretty', 'pg'],
  output: { dir: 'dist', format: 'esm', cleanDir: true, minify: 'dce-only' },
});
