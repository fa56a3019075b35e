#!/usr/bin/env node
import * as nodeModule from 'node:module';

// Nothing else is imported before the version is known to do: an older Node would fail with a stack instead.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`packyard: needs Node 22.19 or newer; this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  // What was compiled once is kept for the next start.
  nodeModule.enableCompileCache();
  const { program } = await import('./program.ts');
  await program().parseAsync();
}
