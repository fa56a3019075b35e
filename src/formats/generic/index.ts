import type { Format } from '../format.ts';
import { genericRules } from './rules.ts';

/** AWS serves generic packages by its API alone. */
export const generic: Format = {
  rules: genericRules,
  routes: [],
  segments: () => undefined,
  errorBody: ({ message }) => ({ contentType: 'application/json', body: JSON.stringify({ message }) }),
};
