import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  AssociateExternalConnectionCommand,
  CreateDomainCommand,
  CreateRepositoryCommand,
} from '@aws-sdk/client-codeartifact';
import { describe, expect, it } from 'vitest';
import { registryAddresses } from '../../src/adapters/registries/addresses.ts';
import { npmRegistry } from '../../src/adapters/registries/npm.ts';
import { Machine } from '../support/client-machine.ts';
import { writeNpmrc } from '../support/client-managers.ts';
import { describeClients } from '../support/clients.ts';
import { startServer } from '../support/server.ts';
import { awsClient, npmEndpoint, tokenFor } from '../support/user.ts';

const isReachable = await canReachRegistry();

describe.skipIf(!isReachable)(`the machine's own npm registry${isReachable ? '' : ' (out of reach)'}`, () => {
  describeClients('npm 11', ['npm 11'], (npm) => {
    it('installs a package that is really public, with what it depends on', async () => {
      await using server = await startServer();
      const aws = awsClient(server.url);
      const at = { domain: 'acme', repository: 'team' };
      await aws.send(new CreateDomainCommand(at));
      await aws.send(new CreateRepositoryCommand(at));
      await aws.send(new AssociateExternalConnectionCommand({ ...at, externalConnection: 'public:npmjs' }));
      const endpoint = npmEndpoint(server.url, at.domain, at.repository);

      using laptop = new Machine(npm);
      writeNpmrc(laptop, { endpoint, token: await tokenFor(aws, at.domain) });
      const app = laptop.project('app', { 'package.json': { dependencies: { 'is-odd': '3.0.1' } } });
      expect(await laptop.run(npm, ['install'], { cwd: app })).toMatchObject({ code: 0 });
      expect(createRequire(join(app, 'package.json'))('is-odd')(3)).toBe(true);
      aws.destroy();
    });
  });
});

async function canReachRegistry(): Promise<boolean> {
  const address = await registryAddresses({}, [npmRegistry]).find('public:npmjs');
  if (address === undefined) return false;
  const answer = await fetch(`${address.url}is-odd`, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  return answer?.ok === true;
}
