import { describe, expect, it } from 'vitest';
import { checkAnswer, loadAwsModel, type ServiceModel } from '../../support/aws-model.ts';

const model = loadAwsModel();
const headers = { 'x-amzn-requestid': 'r', 'content-type': 'application/json' };

describe.skipIf(model === undefined)('the check against the model of AWS', () => {
  const aws = model as ServiceModel;

  it('passes what the service answers', () => {
    const json = { domain: { name: 'acme', status: 'Active', createdTime: 1566002944.273, repositoryCount: 0 } };
    expect(() => checkAnswer(aws, 'DescribeDomain', { status: 200, headers, json })).not.toThrow();
  });

  it.each([
    ['an unknown member', 200, headers, { domain: {}, extra: 1 }, 'extra is not in the model'],
    ['a time as text', 200, headers, { domain: { createdTime: '2019-08-17' } }, 'not a timestamp'],
    ['a null', 200, headers, { domain: { name: null } }, 'not a string'],
    ['a word outside the enum', 200, headers, { domain: { status: 'ACTIVE' } }, 'not in the enum'],
    ['no request id', 200, { 'content-type': 'application/json' }, { domain: {} }, 'x-amzn-requestid is missing'],
    ['no body', 200, headers, undefined, 'is not an object'],
    [
      'an error that is not declared',
      409,
      { ...headers, 'x-amzn-errortype': 'ConflictException' },
      { message: '' },
      'is not declared',
    ],
    [
      'an error without message',
      404,
      { ...headers, 'x-amzn-errortype': 'ResourceNotFoundException' },
      {},
      'message is missing',
    ],
    [
      'an error under another status',
      400,
      { ...headers, 'x-amzn-errortype': 'ResourceNotFoundException' },
      { message: '' },
      'has status 404',
    ],
  ])('finds %s', (_what, status, sent, json, problem) => {
    expect(() => checkAnswer(aws, 'DescribeDomain', { status, headers: sent, json })).toThrow(problem);
  });
});
