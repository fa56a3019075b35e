import type { SettingQueries } from '../../src/ports/storage.ts';

/** Settings kept in memory, as two nodes over one database would share them. */
export function memorySettings(): SettingQueries {
  const kept = new Map<string, string>();
  return {
    find: async (name) => kept.get(name),
    async insert(name, value) {
      if (!kept.has(name)) kept.set(name, value);
      return kept.get(name) ?? value;
    },
  };
}
