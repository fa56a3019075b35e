import type { Format } from '../format.ts';
import { mavenSegments } from './paths.ts';
import { mavenRoutes } from './routes.ts';
import { mavenRules } from './rules.ts';

export const maven: Format = {
  rules: mavenRules,
  routes: mavenRoutes,
  segments,
  // Maven and Ivy show the status line alone.
  errorBody: ({ message }) => ({
    contentType: 'application/json',
    body: JSON.stringify({ message }),
    reason: message.replace(/[^\x20-\x7e]/g, '?').slice(0, maxReasonLength),
  }),
};

/** Of a status line, of which clients read a few thousand bytes. */
const maxReasonLength = 300;

/** A folder can be asked for, though there is no listing of any: some clients take only a 404 for "nothing there". */
function segments(rawPath: string): string[] | undefined {
  if (rawPath === '') return [''];
  if (!rawPath.endsWith('/')) return mavenSegments(rawPath);
  const parents = mavenSegments(rawPath.slice(0, -1));
  return parents && [...parents, ''];
}
