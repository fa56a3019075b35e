import type { CodeartifactClient } from '@aws-sdk/client-codeartifact';
import { awsClient, NpmUser } from '../support/user.ts';

/** Longer than a server may let anyone wait, whatever is broken behind it. */
export const limitMs = 35_000;

/** An npm user who reads every answer to its end, however long that takes; but not without end. */
export class PatientUser extends NpmUser {
  override async fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    try {
      const response = await super.fetch(path, { ...init, signal: AbortSignal.timeout(limitMs) });
      const { status, headers } = response;
      return new Response(await response.arrayBuffer(), { status, headers });
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') throw error;
      throw new Error(`${init.method ?? 'GET'} ${path} was not answered within ${limitMs} ms`);
    }
  }
}

/** The AWS SDK of someone like that. */
export function patientAwsClient(url: string): CodeartifactClient {
  return awsClient(url, 'test', { requestHandler: { requestTimeout: limitMs, throwOnRequestTimeout: true } });
}
