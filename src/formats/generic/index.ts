import type { Format } from '../format.ts';
import { genericSegments } from './paths.ts';
import { genericRoutes } from './routes.ts';
import { genericRules } from './rules.ts';

export const generic: Format = {
  rules: genericRules,
  routes: genericRoutes,
  segments: genericSegments,
  errorBody: ({ message }) => ({ contentType: 'application/json', body: JSON.stringify({ message }) }),
};
