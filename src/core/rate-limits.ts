import type { Clock } from '../ports/clock.ts';
import type { Caller } from './caller.ts';
import { PackyardError } from './errors.ts';
import type { Rates } from './rates.ts';
import { Throttle } from './throttle.ts';

type Asker = Pick<Caller, 'account' | 'region'>;

/**
 * Holds requests to the rates; each method counts one request, and throws ThrottlingException when it is one too many.
 * It does not count towards the rate that refused it. Every process counts for itself. Source: AWS user guide, "Quotas in
 * AWS CodeArtifact".
 */
export class RateLimits {
  readonly #rates: ReadonlyMap<string, number>;
  readonly #clock: Clock;
  readonly #throttle = new Throttle();

  constructor(rates: Rates, clock: Clock) {
    this.#rates = new Map(Object.entries(rates));
    this.#clock = clock;
  }

  /** A call of an API operation. Those without a rate of their own are free (unverified). */
  call(operation: string, { account, region }: Asker): void {
    this.#take(operation, `${account} ${region}`);
  }

  /** A package manager's request with a valid token. */
  request(method: string | undefined, token: string, { account, region }: Asker): void {
    this.#take('requestsPerToken', token);
    const isRead = method === 'GET' || method === 'HEAD';
    this.#take(isRead ? 'readsPerAccount' : 'writesPerAccount', `${account} ${region}`);
  }

  /** A package manager's request that has no valid token. */
  strangersRequest(address: string | undefined): void {
    this.#take('requestsPerAddress', address ?? '');
  }

  #take(name: string, who: string): void {
    const rate = this.#rates.get(name);
    if (rate === undefined) return;
    const waitSeconds = this.#throttle.take(`${name} ${who}`, rate, this.#clock.now());
    if (waitSeconds === undefined) return;
    const retryAfterSeconds = Math.ceil(waitSeconds);
    throw new PackyardError(
      'ThrottlingException',
      `Rate exceeded: ${name} is limited to ${rate} per second. Try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }
}
