import { describe, expect, it } from 'vitest';
import { sts } from '../../../src/api/sts.ts';

const caller = {
  account: '111122223333',
  region: 'eu-west-1',
  accessKeyId: 'AKIA<&>',
  principal: 'arn:aws:iam::111122223333:user/"o\'wner"\u0000',
};

describe('STS', () => {
  it('says who the caller is', () => {
    expect(sts('Action=GetCallerIdentity&Version=2011-06-15', caller, 'a-request')).toMatchInlineSnapshot(`
      {
        "body": "<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <GetCallerIdentityResult>
          <Arn>arn:aws:iam::111122223333:user/&quot;o&apos;wner&quot;�</Arn>
          <UserId>AKIA&lt;&amp;&gt;</UserId>
          <Account>111122223333</Account>
        </GetCallerIdentityResult>
        <ResponseMetadata>
          <RequestId>a-request</RequestId>
        </ResponseMetadata>
      </GetCallerIdentityResponse>
      ",
        "headers": {
          "content-type": "text/xml",
          "x-amzn-requestid": "a-request",
        },
        "status": 200,
      }
    `);
  });

  it.each([
    [
      'Action=AssumeRole&Version=2011-06-15',
      'InvalidAction',
      'Could not find operation AssumeRole for version 2011-06-15',
    ],
    ['Action=%3Cb%3E', 'InvalidAction', 'Could not find operation &lt;b&gt; for version none'],
    ['', 'MissingAction', 'The request has no Action.'],
  ])('refuses %s', (body, code, message) => {
    const answer = sts(body, caller, 'a-request');
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/xml' } });
    expect(answer.body).toContain(`<Code>${code}</Code>\n    <Message>${message}</Message>`);
    expect(answer.body).toContain('<RequestId>a-request</RequestId>');
  });
});
