import { spawn, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  CodeartifactClient,
  ListPackagesCommand,
  PublishPackageVersionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-codeartifact';
import fc from 'fast-check';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readWhole } from '../../../src/core/read-all.ts';
import { splitUrl } from '../../../src/server/location.ts';
import { checkPromisedHash, sha256Hex, verifySigV4 } from '../../../src/server/sigv4/verify.ts';
import { sign } from '../../support/sign.ts';

const credentials = {
  accessKeyId: 'AKIAALICE0000000000',
  secretAccessKey: 'alices/secret+key',
  sessionToken: 't/o+k=n',
};
/** What encodings differ on. */
const tricky = "a b+c/d=e~f*g'(h)!,i%20j&k:@ä€𝄞";
const sha256 = sha256Hex(Buffer.from('the asset'));

/** What the server made of each request: `ok` with method and path, or why it was refused. */
let outcomes: string[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(async (incoming, response) => {
    const { method = '', url: target = '', rawHeaders } = incoming;
    const body = await readWhole(incoming);
    const signed = { method, ...splitUrl(target), rawHeaders };
    try {
      const verified = await verifySigV4(signed, {
        service: target.startsWith('/v1/') ? 'codeartifact' : 'sts',
        now: Date.now(),
        findKey: async (accessKeyId, token) => {
          expect([accessKeyId, token]).toEqual([credentials.accessKeyId, credentials.sessionToken]);
          return { secret: credentials.secretAccessKey };
        },
        hashPayload: async () => sha256Hex(body),
      });
      checkPromisedHash(verified.promisedHash, body);
      outcomes.push(`ok ${method} ${signed.path}`);
    } catch (error) {
      outcomes.push(`${method} ${target}: ${(error as Error).message}`);
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => {
  outcomes = [];
});

const coordinates = {
  domain: 'acme',
  repository: 'app',
  format: 'generic' as const,
  namespace: tricky,
  package: tricky,
};

describe('AWS’s SDK for JavaScript', () => {
  it('signs what is verified here', async () => {
    const client = new CodeartifactClient({ region: 'eu-west-1', endpoint: url, credentials, maxAttempts: 1 });
    await client.send(new ListPackagesCommand({ domain: 'acme', repository: 'app', packagePrefix: tricky }));
    await client.send(new TagResourceCommand({ resourceArn: tricky, tags: [{ key: 'ä', value: tricky }] }));
    await client.send(
      new PublishPackageVersionCommand({
        ...coordinates,
        packageVersion: '1+1',
        assetName: tricky,
        assetContent: Buffer.from('the asset'),
        assetSHA256: sha256,
      }),
    );
    expect(outcomes).toEqual(['ok POST /v1/packages', 'ok POST /v1/tag', 'ok POST /v1/package/version/publish']);
  });

  it('presigns what is verified here', async () => {
    const { host } = new URL(url);
    const { query } = await sign(
      { path: '/v1/domain', query: { domain: tricky }, headers: { host } },
      { credentials, at: Date.now(), expiresIn: 60 },
    );
    await request(`${url}/v1/domain?${query}`);
    expect(outcomes).toEqual(['ok GET /v1/domain']);
  });
});

it('verifies whatever query, path and header values AWS’s signer signs', async () => {
  const at = Date.now();
  const values = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.toWellFormed());
  const requests = fc.record({
    path: fc.array(values.map(encodeURIComponent), { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
    // The signer loses a parameter of the name `__proto__`: it gathers them in an object.
    query: fc.dictionary(
      values.filter((key) => key !== '__proto__'),
      values,
      { maxKeys: 5 },
    ),
    headers: fc.record({ 'x-amz-thing': fc.string({ unit: 'grapheme-ascii' }) }),
  });
  await fc.assert(
    fc.asyncProperty(requests, fc.boolean(), async (unsigned, isPresigned) => {
      const signed = await sign(unsigned, { credentials, at, ...(isPresigned && { expiresIn: 60 }) });
      const { region } = await verifySigV4(signed, {
        service: 'codeartifact',
        now: at,
        findKey: async () => ({ secret: credentials.secretAccessKey }),
        hashPayload: async () => sha256Hex(Buffer.of()),
      });
      expect(region).toBe('eu-west-1');
    }),
    { numRuns: 200 },
  );
});

const hasBotocore = spawnSync('python3', ['-c', 'import botocore.session'], { stdio: 'ignore' }).status === 0;
if (!hasBotocore && process.env['CI'])
  throw new Error('CI needs botocore for python3: pip install botocore (or awscli)');

describe.skipIf(!hasBotocore)('botocore', () => {
  it('signs what is verified here', async () => {
    const program = `
import json, sys, urllib.request
import botocore.session
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

given = json.load(sys.stdin)
session = botocore.session.Session()
session.set_credentials(given['id'], given['secret'], given['token'])
config = Config(retries={'total_max_attempts': 1})
make = lambda service: session.create_client(service, 'eu-west-1', endpoint_url=given['url'], config=config)
client, sts, tricky = make('codeartifact'), make('sts'), given['tricky']

def spaced(request, **_):
    request.headers['X-Amz-Spaced'] = '  a \\t  b,  c '
client.meta.events.register('before-sign', spaced)

def call(operation, **arguments):
    try: operation(**arguments)
    except Exception as error: print(repr(error), file=sys.stderr)

call(client.list_packages, domain='acme', repository='app', packagePrefix=tricky)
call(client.tag_resource, resourceArn=tricky, tags=[{'key': 'k', 'value': tricky}])
call(client.publish_package_version, domain='acme', repository='app', format='generic', namespace=tricky, package=tricky,
     packageVersion='1+1', assetName=tricky, assetContent=b'the asset', assetSHA256=given['sha256'])
call(sts.get_caller_identity)

def send(request):
    prepared = request.prepare()
    data = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    urllib.request.urlopen(urllib.request.Request(prepared.url, data, dict(prepared.headers), method=prepared.method))

credentials = Credentials(given['id'], given['secret'], given['token'])
dated = AWSRequest('GET', given['url'] + '/v1/dated', params={'q': tricky}, headers={'Date': 'now'})
SigV4Auth(credentials, 'codeartifact', 'eu-west-1').add_auth(dated)
send(dated)
presigned = AWSRequest('GET', given['url'] + '/v1//presigned/./a%20b/../c%2Fd~e:@/', params={'q': tricky, 'q-': '1', 'empty': ''})
SigV4QueryAuth(credentials, 'codeartifact', 'eu-west-1', expires=60).add_auth(presigned)
send(presigned)
urllib.request.urlopen(sts.generate_presigned_url('get_caller_identity', HttpMethod='GET'))
`;
    const { accessKeyId: id, secretAccessKey: secret, sessionToken: token } = credentials;
    const python = spawn('python3', ['-c', program], { stdio: ['pipe', 'ignore', 'pipe'] });
    python.stdin.end(JSON.stringify({ id, secret, token, url, tricky, sha256 }));
    // What AWS's parsers make of the empty answers does not matter.
    const complaints = await text(python.stderr);
    expect(outcomes, complaints).toEqual([
      'ok POST /v1/packages',
      'ok POST /v1/tag',
      'ok POST /v1/package/version/publish',
      'ok POST /',
      'ok GET /v1/dated',
      'ok GET /v1//presigned/./a%20b/../c%2Fd~e:@/',
      'ok GET /',
    ]);
  });
});
