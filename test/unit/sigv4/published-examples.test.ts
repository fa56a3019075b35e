import { expect, it } from 'vitest';
import type { SignedRequest } from '../../../src/server/sigv4/signed-request.ts';
import { sha256Hex, verifySigV4 } from '../../../src/server/sigv4/verify.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** Requests with their signatures as AWS publishes them: its guide's example, and its test suite of SigV4. */
const examples: readonly [string, string, string, SignedRequest][] = [
  [
    'IAM ListUsers',
    'iam',
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    {
      method: 'GET',
      path: '/',
      query: 'Action=ListUsers&Version=2010-05-08',
      rawHeaders: [
        'Content-Type',
        'application/x-www-form-urlencoded; charset=utf-8',
        'Host',
        'iam.amazonaws.com',
        'X-Amz-Date',
        '20150830T123600Z',
      ],
    },
  ],
  [
    'get-vanilla',
    'service',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    {
      method: 'GET',
      path: '/',
      query: '',
      rawHeaders: ['Host', 'example.amazonaws.com', 'X-Amz-Date', '20150830T123600Z'],
    },
  ],
];

it.each(examples)('verifies %s', async (_name, service, signature, request) => {
  const names = request.rawHeaders.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const authorization =
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const verified = await verifySigV4(
    { ...request, rawHeaders: [...request.rawHeaders, 'Authorization', authorization] },
    {
      service,
      now: Date.UTC(2015, 7, 30, 12, 36),
      findKey: async (accessKeyId) => ({ secret, accessKeyId }),
      hashPayload: async () => sha256Hex(Buffer.of()),
    },
  );
  expect(verified.key.accessKeyId).toBe('AKIDEXAMPLE');
});
