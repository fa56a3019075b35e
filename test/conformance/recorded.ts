import { checkAnswer, type ServiceModel } from '../support/aws-model.ts';

/** An answer as it was on the wire. */
export interface RecordedAnswer {
  readonly operation: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body; null where it is bytes and not text. */
  readonly text: string | null;
}

/** Checks answers against AWS's model; throws with all that is wrong, each fault once. */
export function checkRecorded(model: ServiceModel, answers: readonly RecordedAnswer[]): void {
  const faults = new Set<string>();
  for (const { operation, status, headers, text } of answers) {
    try {
      checkAnswer(model, operation, { status, headers, json: jsonIn(text) });
    } catch (error) {
      faults.add((error as Error).message);
    }
  }
  if (faults.size > 0) throw new Error([...faults].join('\n'));
}

/** The JSON of a body; undefined for an empty one and for bytes. */
export function jsonIn(text: string | null): unknown {
  return text === null || text === '' ? undefined : JSON.parse(text);
}

/** What of the errors an operation declares was never answered, as `Operation Code`. */
export function unprovokedErrors(model: ServiceModel, answers: readonly RecordedAnswer[]): string[] {
  const seen = new Set(answers.map(({ operation, headers }) => `${operation} ${headers['x-amzn-errortype']}`));
  const declared = Object.values(model.operations).flatMap(({ name, errors }) =>
    errors.map(({ shape }) => `${name} ${shape}`),
  );
  return declared.filter((error) => !seen.has(error)).sort();
}
