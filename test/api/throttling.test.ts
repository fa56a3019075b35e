import {
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
  DescribeDomainCommand,
  GetAuthorizationTokenCommand,
  ListPackagesCommand,
  ThrottlingException,
} from '@aws-sdk/client-codeartifact';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { awsClient } from '../support/user.ts';

let server: TestServer;
let clients: CodeartifactClient[] = [];
afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  await server[Symbol.asyncDispose]();
});

/** Time that stands still until the test moves it on. */
const clock = { ms: Date.now(), now: () => clock.ms };

/** Starts a server with a domain that has a repository; returns its owner's client. */
async function given(settings: Record<string, unknown>, time: Clock = clock): Promise<CodeartifactClient> {
  server = await startServer(settings, { clock: time });
  return owner();
}

/** A client with a domain and a repository of its account. */
async function owner(accessKeyId?: string, more = {}): Promise<CodeartifactClient> {
  const aws = awsClient(server.url, accessKeyId, more);
  clients.push(aws);
  await aws.send(new CreateDomainCommand({ domain: 'acme' }));
  await aws.send(new CreateRepositoryCommand({ domain: 'acme', repository: 'team' }));
  return aws;
}

const token = (aws: CodeartifactClient) => aws.send(new GetAuthorizationTokenCommand({ domain: 'acme' }));
const packages = (aws: CodeartifactClient) => aws.send(new ListPackagesCommand({ domain: 'acme', repository: 'team' }));

async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let each = 0; each < count; each += 1) await call();
}

describe('Without --throttle', () => {
  it('the API takes whatever comes', async () => {
    const aws = await given({ rate: { GetAuthorizationToken: 1 } });
    await times(50, () => token(aws));
  });
});

describe('With --throttle, the API', () => {
  it("takes AWS's rate, and says when to come again", async () => {
    const aws = await given({ throttle: true });
    await times(40, () => token(aws));
    const refusal = await token(aws).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ThrottlingException);
    expect(refusal).toMatchObject({
      message: 'Rate exceeded: GetAuthorizationToken is limited to 40 per second. Try again in 1 s.',
      retryAfterSeconds: 1,
      $metadata: { httpStatusCode: 429, requestId: expect.any(String) },
    });
    expect(refusal).not.toHaveProperty('resourceId');
  });

  it('takes more after a moment, and all of it after a second', async () => {
    const aws = await given({ throttle: true, rate: { GetAuthorizationToken: 4 } });
    await times(4, () => token(aws));
    clock.ms += 250;
    await token(aws);
    await expect(token(aws)).rejects.toThrow(ThrottlingException);
    clock.ms += 1_000;
    await times(4, () => token(aws));
    await expect(token(aws)).rejects.toThrow(ThrottlingException);
  });

  it('counts each operation, account and region for itself', async () => {
    const aws = await given({ throttle: true, rate: { GetAuthorizationToken: 1, ListPackages: 1 } });
    const [other, elsewhere] = [await owner('111122223333'), await owner(undefined, { region: 'eu-west-1' })];
    for (const each of [aws, other, elsewhere]) {
      await token(each);
      await packages(each);
      await expect(token(each)).rejects.toThrow(ThrottlingException);
      await expect(packages(each)).rejects.toThrow(ThrottlingException);
    }
  });

  it('refuses before it looks whether the domain is there', async () => {
    const aws = await given({ throttle: true, rate: { GetAuthorizationToken: 1 } });
    await token(aws);
    await expect(aws.send(new GetAuthorizationTokenCommand({ domain: 'missing' }))).rejects.toThrow(
      ThrottlingException,
    );
  });

  it('leaves operations alone that AWS names no rate for', async () => {
    const aws = await given({
      throttle: true,
      rate: { GetAuthorizationToken: 1, readsPerAccount: 1, writesPerAccount: 1 },
    });
    await times(50, () => aws.send(new DescribeDomainCommand({ domain: 'acme' })));
  });

  it("is one that the SDK's own retries get along with", async () => {
    await given({ throttle: true, rate: { GetAuthorizationToken: 1 } }, { now: Date.now });
    const patient = await owner('111122223333', { maxAttempts: 3 });
    await token(patient);
    const startedAt = performance.now();
    const { authorizationToken, $metadata } = await token(patient);
    expect(authorizationToken).toEqual(expect.any(String));
    expect($metadata.attempts).toBe(2);
    // The SDK's own delays are a tenth of that: it waited as long as Retry-After said.
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });
});
