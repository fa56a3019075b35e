import { afterAll, beforeAll, describe } from 'vitest';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { describeFormat, formatsWithUsers } from './describe-format.ts';

const title = 'With --database postgres://…';

describe.skipIf(!hasPostgres())(hasPostgres() ? title : `${title} (PostgreSQL is not installed)`, () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  for (const [format, user] of formatsWithUsers()) {
    describe(user.format, () => describeFormat(format, user, async () => ({ database: await postgres.newDatabase() })));
  }
});
