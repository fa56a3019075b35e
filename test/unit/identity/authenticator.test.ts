import { describe, expect, it } from 'vitest';
import { joseSessions } from '../../../src/adapters/jose/sessions.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import type { PackyardError } from '../../../src/core/errors.ts';
import type { Directory } from '../../../src/core/identity/directory.ts';
import { openDirectory } from '../../../src/core/identity/open-directory.ts';
import { authenticator } from '../../../src/server/credentials.ts';
import { memorySettings } from '../../support/memory-settings.ts';
import { type Credentials, sign } from '../../support/sign.ts';

const time = { now: Date.UTC(2026, 0, 1) };
const clock = { now: () => time.now };
const sessions = await joseSessions(memorySettings(), systemIds(clock), clock);
const alice = {
  account: '111122223333',
  accessKeyId: 'AKIAALICE0000000000',
  principal: 'arn:aws:iam::111122223333:user/alice',
  userId: 'AIDAALICE',
  tags: {},
};
const directory: Directory = {
  ...openDirectory(),
  findKey: (id) => (id === alice.accessKeyId ? { secret: 'alices secret', caller: alice } : undefined),
};
const session = {
  account: '111122223333',
  principal: 'arn:aws:sts::111122223333:assumed-role/publisher/ci',
  userId: 'AROA:ci',
  roleArn: 'arn:aws:iam::111122223333:role/publisher',
  sessionName: 'ci',
  tags: { team: 'core' },
  expiresAt: time.now + 900_000,
};

/** Who a server takes the sender of a request for: its principal, or the refusal. */
async function who(auth: 'open' | 'enforce', credentials: Credentials, expiresIn?: number): Promise<string> {
  const authenticate = authenticator({ auth, directory, sessions, clock });
  const signing = { credentials, at: time.now, ...(expiresIn !== undefined && { expiresIn }) };
  try {
    const { caller } = await authenticate(await sign({}, signing), 'codeartifact', async () => Buffer.of());
    return `${caller.principal} in ${caller.region}`;
  } catch (error) {
    const { status, code, message } = error as PackyardError;
    return `${status} ${code}: ${message}`;
  }
}

const invalid = '403 UnrecognizedClientException: The security token included in the request is invalid.';

describe('with --auth enforce, the sender of a request', () => {
  it('is whose key signed it', async () => {
    const credentials = { accessKeyId: alice.accessKeyId, secretAccessKey: 'alices secret' };
    expect(await who('enforce', credentials)).toBe('arn:aws:iam::111122223333:user/alice in eu-west-1');
    expect(await who('enforce', credentials, 60)).toBe('arn:aws:iam::111122223333:user/alice in eu-west-1');
  });

  it('is nobody with a wrong secret or an unknown key', async () => {
    expect(await who('enforce', { accessKeyId: alice.accessKeyId, secretAccessKey: 'guessed' })).toContain(
      '403 InvalidSignatureException: The request signature we calculated does not match',
    );
    expect(await who('enforce', { accessKeyId: '111122223333', secretAccessKey: 'x' })).toBe(invalid);
  });

  it('is a session, until it ends', async () => {
    const credentials = await sessions.issue(session);
    const isIt = `${session.principal} in eu-west-1`;
    expect(await who('enforce', credentials)).toBe(isIt);
    expect(await who('enforce', credentials, 60)).toBe(isIt);
    time.now += 900_000;
    const expired = '403 ExpiredTokenException: The security token included in the request is expired';
    expect([await who('enforce', credentials), await who('open', credentials)]).toEqual([expired, expired]);
    time.now -= 900_000;
  });

  it('is nobody with a session’s key without its token, or a user’s key with one', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await sessions.issue(session);
    expect(await who('enforce', { accessKeyId, secretAccessKey })).toBe(invalid);
    expect(await who('enforce', { accessKeyId, secretAccessKey, sessionToken: `${sessionToken}x` })).toBe(invalid);
    expect(
      await who('enforce', { accessKeyId: alice.accessKeyId, secretAccessKey: 'alices secret', sessionToken }),
    ).toBe(invalid);
  });
});

describe('with --auth open, the sender of a request', () => {
  it('is a user of the account that its key id says', async () => {
    const secretAccessKey = 'anything';
    expect(await who('open', { accessKeyId: '123456789012', secretAccessKey })).toBe(
      'arn:aws:iam::123456789012:user/123456789012 in eu-west-1',
    );
    expect(await who('open', { accessKeyId: 'test', secretAccessKey }, 60)).toBe(
      'arn:aws:iam::000000000000:user/test in eu-west-1',
    );
  });

  it('is a session, when it has one of ours', async () => {
    expect(await who('open', await sessions.issue(session))).toBe(`${session.principal} in eu-west-1`);
    expect(await who('open', { accessKeyId: 'test', secretAccessKey: 'x', sessionToken: 'one of AWS' })).toBe(
      'arn:aws:iam::000000000000:user/test in eu-west-1',
    );
  });
});
