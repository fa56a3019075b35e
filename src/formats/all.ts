import type { Format } from './format.ts';
import { generic } from './generic/index.ts';
import { maven } from './maven/index.ts';
import { npm } from './npm/index.ts';
import { pypi } from './pypi/index.ts';

/** All formats there are. A new one is served, authorized and tested once it stands here. */
export const formats: readonly Format[] = [npm, pypi, maven, generic];
