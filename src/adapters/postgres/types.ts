import pg from 'pg';

/** How `pg` reads values: 64-bit integers as numbers. Ours are times, sizes and counts, far below 2^53. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(id, format),
};
