import type { Format } from '../format.ts';
import { npmSegments } from './paths.ts';
import { npmRoutes } from './routes.ts';
import { npmRules } from './rules.ts';

export const npm: Format = {
  rules: npmRules,
  routes: npmRoutes,
  segments: npmSegments,
  // npm shows `error`; other clients read `message`.
  errorBody: ({ message }) => ({ contentType: 'application/json', body: JSON.stringify({ error: message, message }) }),
};
