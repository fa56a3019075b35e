import type { FormatUser } from '../../contract/formats/format-user.ts';
import { genericUser } from './generic.ts';
import { mavenUser } from './maven.ts';
import { npmUser } from './npm.ts';
import { pypiUser } from './pypi.ts';

/** A user of each format in `src/formats/all.ts`. */
export const formatUsers: readonly FormatUser[] = [npmUser, pypiUser, mavenUser, genericUser];
