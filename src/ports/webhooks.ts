/** HTTP towards those who want to be told. */
export interface WebhookSender {
  /**
   * Sends one request. Redirects are not followed, for a body that is signed for one place is not for another.
   *
   * @returns the answer's status; its body is dropped
   * @throws when there is no answer, or the signal's reason when it aborts before
   */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}
