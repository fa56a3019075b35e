import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CodeartifactClient } from '@aws-sdk/client-codeartifact';
import type { RecordedAnswer } from './recorded.ts';

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: Readable;
}

/** Notes every answer a client of the AWS SDK gets, as it was on the wire, before the SDK reads it. */
export function captureAnswers(aws: CodeartifactClient, answers: RecordedAnswer[]): void {
  aws.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call);
      const response = result.response as HttpAnswer;
      const bytes = await buffer(response.body);
      response.body = Readable.from([bytes]);
      const { statusCode: status } = response;
      const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, utf8(value)]));
      const isText = headers['content-type'] !== 'application/octet-stream';
      const operation = String(context['commandName']).replace(/Command$/, '');
      answers.push({ operation, status, headers, text: isText ? bytes.toString('utf8') : null });
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'captureAnswers' },
  );
}

/** Names beyond ASCII travel as UTF-8, which Node reads as Latin-1. */
function utf8(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}
