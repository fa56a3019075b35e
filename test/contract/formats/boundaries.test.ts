import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/formats/all.ts';

const sources = join(import.meta.dirname, '../../../src');

/** AWS's own tables of all formats it has, whether or not they are served here. */
const tables = ['core/namespace-rules.ts', 'core/external-connections.ts'];

describe('A format is a folder', () => {
  it.each(['core', 'ports', 'server', 'adapters/queries'])('src/%s knows none by its name', (folder) => {
    const names = formats.map(({ rules }) => rules.name).join('|');
    const named = new RegExp(`['"\`](${names})['"\`]`);
    const found: string[] = [];
    for (const path of readdirSync(join(sources, folder), { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts') || tables.includes(`${folder}/${path}`)) continue;
      const lines = readFileSync(join(sources, folder, path), 'utf8').split('\n');
      for (const [index, line] of lines.entries()) {
        const isComment = /^\s*(\*|\/\/|\/\*)/.test(line);
        if (!isComment && named.test(line)) found.push(`${folder}/${path}:${index + 1}: ${line.trim()}`);
      }
    }
    expect(found).toEqual([]);
  });

  it('has the same inner files as the others', () => {
    for (const { rules } of formats) {
      const files = readdirSync(join(sources, 'formats', rules.name));
      for (const file of ['index.ts', 'rules.ts', 'routes.ts', 'paths.ts']) {
        expect(files, rules.name).toContain(file);
      }
      expect(files.includes('remote.ts'), `${rules.name}/remote.ts`).toBe(rules.remote !== undefined);
    }
  });
});
