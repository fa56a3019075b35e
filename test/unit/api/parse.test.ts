import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Operation, operations } from '../../../src/api/operations.ts';
import { parseInput, type RequestParts } from '../../../src/api/parse.ts';
import { PackyardError } from '../../../src/core/errors.ts';

function parse(operation: string, query: string, body?: unknown, headers: RequestParts['headers'] = {}) {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const parts = { query: new URLSearchParams(query), headers, body: Buffer.from(text) };
  return parseInput(find(operation), parts);
}

function find(name: string): Operation {
  const operation = operations.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}

/** The message and reason of the refusal. */
function refusal(...request: Parameters<typeof parse>): { message: string; reason: unknown } {
  try {
    parse(...request);
  } catch (error) {
    if (error instanceof PackyardError && error.status === 400) return { message: error.message, reason: error.reason };
    throw error;
  }
  throw new Error('the input was accepted');
}

const must = (value: string, field: string, rule: string) =>
  `Value ${value} at '${field}' failed to satisfy constraint: Member must ${rule}`;
const domainPattern = 'satisfy regular expression pattern: [a-z][a-z0-9\\-]{0,48}[a-z0-9]';
const namePattern = 'satisfy regular expression pattern: [^#/\\s]+';

describe('parsing', () => {
  it('reads members from query, header, body and payload', () => {
    expect(parse('CreateRepository', 'domain=acme&repository=app', { description: 'Ü', upstreams: [] })).toEqual({
      domain: 'acme',
      repository: 'app',
      description: 'Ü',
      upstreams: [],
    });
    const query =
      'domain=acme&repository=app&format=generic&package=p&version=1&asset=a%20b.zip&namespace=n&unfinished=true';
    const sha256 = 'a'.repeat(64);
    expect(parse('PublishPackageVersion', query, 'bytes', { 'x-amz-content-sha256': sha256 })).toMatchObject({
      packageVersion: '1',
      assetName: 'a b.zip',
      assetSHA256: sha256,
      unfinished: true,
      assetContent: Buffer.from('bytes'),
    });
    expect(parse('ListPackages', 'domain=acme&repository=app&max-results=7')).toMatchObject({ maxResults: 7 });
    expect(parse('ListDomains', '', { maxResults: 7 })).toEqual({ maxResults: 7 });
  });

  it('takes an empty body as an empty object and ignores what is not declared', () => {
    expect(parse('CreateDomain', 'domain=acme')).toEqual({ domain: 'acme' });
    expect(parse('CreateDomain', 'domain=acme&colour=red', { colour: 'red', encryptionKey: null })).toEqual({
      domain: 'acme',
    });
  });

  it('names every broken constraint in the words of AWS', () => {
    expect(refusal('DescribeDomain', 'domain=Acme')).toEqual({
      message: `1 validation error detected: ${must("'Acme'", 'domain', domainPattern)}`,
      reason: 'FIELD_VALIDATION_FAILED',
    });
    const long = 'x'.repeat(256);
    const query = `domain=A&domain-owner=1&repository=app&format=apt&package=${long}&max-results=1001`;
    expect(refusal('ListPackageVersions', query).message.split(/: (?=Value)|; /)).toEqual([
      '7 validation errors detected',
      must("'A'", 'domain', 'have length greater than or equal to 2'),
      must("'A'", 'domain', domainPattern),
      must("'apt'", 'format', 'satisfy enum value set: [npm, pypi, maven, nuget, generic, ruby, swift, cargo]'),
      must(`'${long}'`, 'packageName', 'have length less than or equal to 255'),
      must("'1'", 'domainOwner', 'have length greater than or equal to 12'),
      must("'1'", 'domainOwner', 'satisfy regular expression pattern: [0-9]{12}'),
      must("'1001'", 'maxResults', 'have value less than or equal to 1000'),
    ]);
  });

  it('names required members that are missing, also within lists', () => {
    expect(refusal('DescribeRepository', '').message).toBe(
      `2 validation errors detected: ${must('null', 'domain', 'not be null')}; ${must('null', 'repository', 'not be null')}`,
    );
    const tags = [{ key: 'a', value: '' }, { key: '' }, null];
    const failures = [
      must("''", 'tags.2.member.key', 'have length greater than or equal to 1'),
      must("''", 'tags.2.member.key', 'satisfy regular expression pattern: \\P{C}+'),
      must('null', 'tags.2.member.value', 'not be null'),
      must('null', 'tags.3.member', 'not be null'),
    ];
    expect(refusal('CreateDomain', 'domain=acme', { tags }).message).toBe(
      `4 validation errors detected: ${failures.join('; ')}`,
    );
  });

  it('checks the items of lists and maps as AWS does', () => {
    const query = 'domain=acme&repository=app&format=npm&package=p';
    expect(refusal('DeletePackageVersions', query, { versions: ['1', 'a/b'] }).message).toBe(
      "1 validation error detected: Value '[1, a/b]' at 'versions' failed to satisfy constraint: Member must satisfy " +
        'constraint: [Member must have length less than or equal to 255, Member must have length greater than or ' +
        `equal to 1, Member must ${namePattern}]`,
    );
    const many = Array.from({ length: 101 }, (_, index) => String(index));
    expect(refusal('DeletePackageVersions', query, { versions: many }).message).toMatch(
      /at 'versions' failed to satisfy constraint: Member must have length less than or equal to 100$/,
    );
    const revisions = { versions: ['1'], versionRevisions: { '1/2': 'x' } };
    expect(refusal('DisposePackageVersions', query, revisions).message).toMatch(/Map keys must satisfy constraint/);
    const spaced = { versions: ['1'], versionRevisions: { '1': 'x y' } };
    expect(refusal('DisposePackageVersions', query, spaced).message).toMatch(/Map value must satisfy constraint/);
  });

  it.each([
    ['{"tags": [', /^The request body is not valid JSON/],
    ['[]', /^The request body must be a JSON object/],
    ['"text"', /^The request body must be a JSON object/],
    ['null', /^The request body must be a JSON object/],
    [{ tags: 'x' }, /the value at 'tags' must be a list/],
    [
      { tags: [{ key: 1, value: true }] },
      /'tags.1.member.key' must be a string; .*'tags.1.member.value' must be a string/,
    ],
    [{ encryptionKey: 7 }, /the value at 'encryptionKey' must be a string/],
  ])('refuses the body %j as unreadable', (body, message) => {
    expect(refusal('CreateDomain', 'domain=acme', body)).toEqual({
      message: expect.stringMatching(message),
      reason: 'CANNOT_PARSE',
    });
  });

  it('refuses bytes that are no UTF-8', () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const parts = { query: new URLSearchParams('domain=acme'), headers: {}, body };
    expect(() => parseInput(find('CreateDomain'), parts)).toThrow(/not UTF-8/);
  });

  it.each([
    ['ListPackages', 'domain=acme&repository=app&max-results=ten', /'maxResults' must be an integer/],
    ['ListPackages', 'domain=acme&repository=app&max-results=1.5', /'maxResults' must be an integer/],
    ['ListAssociatedPackages', 'domain=acme&package-group=/*&preview=yes', /'preview' must be true or false/],
    ['DescribeDomain', 'domain=acme&domain=other', /'domain' is given more than once/],
  ])('refuses %s?%s as unreadable', (operation, query, message) => {
    expect(refusal(operation, query)).toEqual({ message: expect.stringMatching(message), reason: 'CANNOT_PARSE' });
  });

  it('does not mistake names of JavaScript for members, nor lets them in', () => {
    const body = '{"__proto__": {"encryptionKey": "x"}, "constructor": {"prototype": {"tags": []}}}';
    expect(parse('CreateDomain', 'domain=acme', body)).toEqual({ domain: 'acme' });
    const query = 'domain=acme&repository=app&format=npm&package=p';
    const input = parse('DisposePackageVersions', query, '{"versions":[],"versionRevisions":{"__proto__":"r"}}');
    expect(Object.entries(input['versionRevisions'] as object)).toEqual([['__proto__', 'r']]);
    expect(Object.getPrototypeOf(input['versionRevisions'])).toBe(Object.prototype);
  });

  it('counts characters, not UTF-16 units', () => {
    const input = { description: '😀'.repeat(1000) };
    expect(parse('UpdateRepository', 'domain=acme&repository=app', input)).toMatchObject(input);
    expect(refusal('UpdateRepository', 'domain=acme&repository=app', { description: '\ud800' }).reason).toBe(
      'FIELD_VALIDATION_FAILED',
    );
  });
});

describe('parsing anything', () => {
  const anyOperation = fc.constantFrom(...operations);

  it('gives declared members or a ValidationException, never a fault', () => {
    const anyQuery = fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 });
    fc.assert(
      fc.property(
        anyOperation,
        anyQuery,
        fc.jsonValue(),
        fc.infiniteStream(fc.string()),
        (operation, extra, json, texts) => {
          const query = new URLSearchParams(extra);
          for (const { wire } of operation.input) query.append(wire, texts.next().value ?? '');
          const names = operation.input.map(({ name }) => name);
          const body =
            typeof json === 'object' && json !== null
              ? { ...Object.fromEntries(names.map((name) => [name, json])), ...json }
              : json;
          expectInputOrRefusal(operation, { query, headers: {}, body: Buffer.from(JSON.stringify(body)) });
        },
      ),
    );
  });

  it('refuses or reads any bytes as a body', () => {
    fc.assert(
      fc.property(anyOperation, fc.uint8Array({ maxLength: 40 }), (operation, bytes) => {
        expectInputOrRefusal(operation, { query: new URLSearchParams(), headers: {}, body: Buffer.from(bytes) });
      }),
    );
  });

  it('takes every domain name that follows the pattern', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,48}[a-z0-9]$/), (domain) => {
        expect(parse('DescribeDomain', String(new URLSearchParams({ domain })))).toEqual({ domain });
      }),
    );
  });
});

function expectInputOrRefusal(operation: Operation, parts: RequestParts): void {
  try {
    const input = parseInput(operation, parts);
    const declared = operation.input.map(({ name }) => name);
    expect(declared).toEqual(expect.arrayContaining(Object.keys(input)));
    for (const { name, required } of operation.input) if (required) expect(input).toHaveProperty(name);
  } catch (error) {
    if (!(error instanceof PackyardError)) throw error;
    expect(error.code).toBe('ValidationException');
  }
}
