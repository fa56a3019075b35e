import type { Format } from '../format.ts';
import { pypiSegments } from './paths.ts';
import { pypiRoutes } from './routes.ts';
import { pypiRules } from './rules.ts';

export const pypi: Format = {
  rules: pypiRules,
  routes: pypiRoutes,
  segments: pypiSegments,
  // Python's own openers give up where they are offered a scheme they do not know.
  challenges: ['Basic'],
  // uv shows `message`; pip and twine show the status line alone.
  errorBody: ({ message }) => ({
    contentType: 'application/json',
    body: JSON.stringify({ message }),
    reason: reasonOf(message),
  }),
};

const maxReasonLength = 300;

/** A text as a status line can hold it. */
function reasonOf(message: string): string {
  return message.replace(/[^\x20-\x7e]+/g, '?').slice(0, maxReasonLength);
}
