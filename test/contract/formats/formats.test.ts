import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/formats/all.ts';
import { formatUsers } from '../../support/format-users/all.ts';
import { describeFormat, formatsWithUsers } from './describe-format.ts';

describe('The contract', () => {
  it('is kept by every format there is: each has a user who tries it', () => {
    expect(formatUsers.map(({ format }) => format).sort()).toEqual(formats.map(({ rules }) => rules.name).sort());
  });
});

for (const [format, user] of formatsWithUsers()) describe(user.format, () => describeFormat(format, user));
