import { expect, test } from 'vitest';
import { serverOf } from '../../src/adapters/s3/client.ts';
import { parseS3Location } from '../../src/adapters/s3/location.ts';

test('a bucket alone is at AWS, and clients are not sent there', () => {
  const location = parseS3Location('s3://my.bucket');
  expect(location).toEqual({ bucket: 'my.bucket', prefix: '', redirect: false });
  expect(serverOf(location, {})).toEqual({ endpoint: undefined, region: 'us-east-1', pathStyle: false });
});

test('a prefix ends in one slash, with or without being told', () => {
  for (const text of ['s3://bucket/team/packages', 's3://bucket/team/packages/'])
    expect(parseS3Location(text).prefix).toBe('team/packages/');
  expect(parseS3Location('s3://bucket/').prefix).toBe('');
  expect(parseS3Location('s3://bucket/with%20space').prefix).toBe('with space/');
  expect(() => parseS3Location('s3://bucket/a//b')).toThrow('with one slash between the parts of the prefix');
});

test('a server of its own has the bucket in the path, unless told otherwise', () => {
  const given = 's3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=eu-central-1&redirect=true';
  expect(parseS3Location(given)).toEqual({
    bucket: 'bucket',
    prefix: 'prefix/',
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu-central-1',
    redirect: true,
  });
  expect(serverOf(parseS3Location(given), {}).pathStyle).toBe(true);
  expect(serverOf(parseS3Location(`${given}&pathStyle=false`), {}).pathStyle).toBe(false);
  expect(serverOf(parseS3Location('s3://bucket?pathStyle=true'), {}).pathStyle).toBe(true);
});

test('the environment fills in what the location does not say, but AWS_ENDPOINT_URL is not about S3', () => {
  const environment = { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' };
  const bare = parseS3Location('s3://bucket');
  expect(serverOf(bare, environment)).toEqual({ endpoint: undefined, region: 'eu-west-1', pathStyle: false });
  expect(serverOf(bare, { ...environment, AWS_REGION: 'eu-west-2' }).region).toBe('eu-west-2');
  const minio = { ...environment, AWS_ENDPOINT_URL_S3: 'http://localhost:9000' };
  expect(serverOf(bare, minio)).toMatchObject({ endpoint: 'http://localhost:9000', pathStyle: true });
  const given = parseS3Location('s3://bucket?endpoint=https://s3.example&region=eu-north-1');
  expect(serverOf(given, minio)).toMatchObject({ endpoint: 'https://s3.example', region: 'eu-north-1' });
});
