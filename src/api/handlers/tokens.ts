import type { GetAuthorizationTokenRequest, GetAuthorizationTokenResult } from '@aws-sdk/client-codeartifact';
import { issueToken, maxTokenSeconds, minTokenSeconds } from '../../core/control/issue-token.ts';
import type { Call } from '../messages.ts';
import { validationErrors } from '../parse.ts';
import { domainName } from './names.ts';
import type { Checked } from './types.ts';

export const tokenHandlers = {
  async GetAuthorizationToken(
    call: Call,
    input: Checked<GetAuthorizationTokenRequest>,
  ): Promise<GetAuthorizationTokenResult> {
    const { durationSeconds = maxTokenSeconds } = input;
    if (durationSeconds !== 0 && durationSeconds < minTokenSeconds) throw tooShort(durationSeconds);
    const name = domainName(call, input);
    const { token, expiresAt } = await issueToken(call.deps, call.request.caller, name, durationSeconds);
    return { authorizationToken: token, expiration: new Date(expiresAt) };
  },
};

/** The model allows 0 to 43200; 1 to 899 is refused by rule (reference, 2.21; the text is ours). */
function tooShort(durationSeconds: number) {
  return validationErrors([
    `Value '${durationSeconds}' at 'durationSeconds' failed to satisfy constraint: ` +
      `Member must be 0 or have value greater than or equal to ${minTokenSeconds}`,
  ]);
}
