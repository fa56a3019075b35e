import fc from 'fast-check';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { joseSessions } from '../../../src/adapters/jose/sessions.ts';
import { joseTokens } from '../../../src/adapters/jose/tokens.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import type { Caller } from '../../../src/core/caller.ts';
import { memorySettings } from '../../support/memory-settings.ts';

const time = { now: Date.UTC(2026, 0, 1) };
const clock = { now: () => time.now };
const ids = systemIds(clock);
const expiresAt = time.now + 3_600_000;

const user: Caller = {
  account: '111122223333',
  region: 'eu-west-1',
  accessKeyId: 'AKIAALICE0000000000',
  principal: 'arn:aws:iam::111122223333:user/alice',
  userId: 'AIDA',
  tags: {},
};

const session = {
  account: '111122223333',
  principal: 'arn:aws:sts::111122223333:assumed-role/publisher/ci',
  userId: 'AROA:ci',
  roleArn: 'arn:aws:iam::111122223333:role/publisher',
  sessionName: 'ci',
  tags: { team: 'core' },
  sessionPolicy: '{}',
  expiresAt,
};

describe('a token for a domain', () => {
  const claims = { domainOwner: '111122223333', domain: 'acme', region: 'eu-west-1', expiresAt };

  it('gives back the caller it was issued to', async () => {
    const tokens = await joseTokens(memorySettings(), ids, clock);
    const text = fc.string({ unit: 'grapheme' });
    const optional = {
      roleArn: text,
      sessionName: text,
      sessionPolicy: text,
      expiresAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    };
    const callers = fc.record(
      {
        account: text,
        region: text,
        accessKeyId: text,
        principal: text,
        userId: text,
        tags: fc.dictionary(text, text),
        ...optional,
      },
      { requiredKeys: ['account', 'region', 'accessKeyId', 'principal', 'userId', 'tags'] },
    );
    await fc.assert(
      fc.asyncProperty(callers, async (caller) => {
        const verified = await tokens.verify(await tokens.issue({ ...claims, caller }));
        expect(verified).toEqual({ ...claims, caller });
      }),
      { numRuns: 50 },
    );
  });

  it('counts as well when it was issued before callers had roles and tags', async () => {
    const settings = memorySettings();
    await settings.insert('token-key', JSON.stringify({ kid: 'k', secret: Buffer.alloc(32).toString('base64url') }));
    const { account: acc, principal: arn, accessKeyId } = user;
    const token = await new SignJWT({ dom: 'acme', own: acc, reg: 'eu-west-1', acc, arn })
      .setProtectedHeader({ alg: 'HS256', kid: 'k' })
      .setIssuer('packyard')
      .setSubject(accessKeyId)
      .setExpirationTime(expiresAt / 1000)
      .sign(Buffer.alloc(32));
    const { caller } = (await (await joseTokens(settings, ids, clock)).verify(token)) ?? {};
    expect(caller).toEqual({ ...user, userId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/) });
  });

  it('does not count where credentials are verified, unless they were when it was issued', async () => {
    const settings = memorySettings();
    const open = await joseTokens(settings, ids, clock);
    const enforcing = await joseTokens(settings, ids, clock, { isEnforced: true });
    const ofOpen = await open.issue({ ...claims, caller: user });
    const ofEnforcing = await enforcing.issue({ ...claims, caller: user });
    expect(await enforcing.verify(ofOpen)).toBeUndefined();
    expect(await enforcing.verify(ofEnforcing)).toBeDefined();
    expect(await open.verify(ofEnforcing)).toBeDefined();
  });
});

describe('a session', () => {
  it('is known on every node over the same data, with its secret', async () => {
    const settings = memorySettings();
    const [here, there] = [await joseSessions(settings, ids, clock), await joseSessions(settings, ids, clock)];
    const { accessKeyId, secretAccessKey, sessionToken } = await here.issue(session);
    expect([accessKeyId, secretAccessKey]).toEqual([
      expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    ]);
    const found = { secret: secretAccessKey, caller: { ...session, accessKeyId } };
    expect(await there.find(accessKeyId, sessionToken)).toEqual(found);
    expect(await there.find(accessKeyId, sessionToken)).toEqual(found);
  });

  it('is nobody’s for another key id, a changed token, or another server’s data', async () => {
    const sessions = await joseSessions(memorySettings(), ids, clock);
    const { accessKeyId, sessionToken } = await sessions.issue(session);
    const other = await sessions.issue(session);
    const elsewhere = await joseSessions(memorySettings(), ids, clock);
    expect(await sessions.find(other.accessKeyId, sessionToken)).toBeUndefined();
    expect(
      await sessions.find(
        accessKeyId,
        sessionToken.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      ),
    ).toBeUndefined();
    expect(await sessions.find(accessKeyId, 'IQoJb3JpZ2luX2VjE')).toBeUndefined();
    expect(await elsewhere.find(accessKeyId, sessionToken)).toBeUndefined();
  });

  it('is no token for a domain, nor the other way round', async () => {
    const settings = memorySettings();
    const sessions = await joseSessions(settings, ids, clock);
    const tokens = await joseTokens(settings, ids, clock);
    const { accessKeyId, sessionToken } = await sessions.issue(session);
    const caller = { ...session, accessKeyId, region: 'eu-west-1' };
    const token = await tokens.issue({ domainOwner: 'o', domain: 'd', region: 'eu-west-1', caller, expiresAt });
    expect(await tokens.verify(sessionToken)).toBeUndefined();
    expect(await sessions.find(accessKeyId, token)).toBeUndefined();
  });

  it('does not count where credentials are verified, unless they were when it was opened', async () => {
    const settings = memorySettings();
    const open = await joseSessions(settings, ids, clock);
    const enforcing = await joseSessions(settings, ids, clock, { isEnforced: true });
    const ofOpen = await open.issue(session);
    const ofEnforcing = await enforcing.issue(session);
    expect(await enforcing.find(ofOpen.accessKeyId, ofOpen.sessionToken)).toBeUndefined();
    expect((await enforcing.find(ofEnforcing.accessKeyId, ofEnforcing.sessionToken))?.secret).toBe(
      ofEnforcing.secretAccessKey,
    );
  });
});
