/** Says in one line what a command failed of, and makes it end with exit code 1. */
export function sayError(error: unknown): void {
  process.stderr.write(`packyard: ${faultMessage(error)}\n`);
  process.exitCode = 1;
}

/** What went wrong, in one line for the person at the terminal. */
export function faultMessage(error: unknown): string {
  return messageOf(error).replace(/\s*\n\s*/g, ' ');
}

/** An error's text, with that of its cause unless it is in it already. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses of which none answers: the message is empty.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  const cause = error.cause === undefined ? '' : messageOf(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
