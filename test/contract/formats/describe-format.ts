import { afterAll, beforeAll, describe, it } from 'vitest';
import { formats } from '../../../src/formats/all.ts';
import type { Format } from '../../../src/formats/format.ts';
import { formatUsers } from '../../support/format-users/all.ts';
import type { Ability, FormatUser } from './format-user.ts';
import { FormatWorld } from './format-world.ts';
import { life } from './stories/life.ts';
import { protection } from './stories/protection.ts';
import { publicRegistry } from './stories/public-registry.ts';
import { publishing } from './stories/publishing.ts';
import { reading } from './stories/reading.ts';
import { upstream } from './stories/upstream.ts';

type Story = readonly [title: string, tell: () => Promise<unknown>];

/** What the stories of a format are told with. */
export interface Stories {
  readonly user: FormatUser;
  /** The one server of all stories; each has packages of its own on it. */
  world(): FormatWorld;
  /** Tells one story of formats that can, and another one, of what happens instead, of those that cannot. */
  needs(ability: Ability, stories: { readonly can: Story; readonly cannot: Story }): void;
}

/**
 * What every format has to do. A new one passes this before anything else is built on it: docs/adding-a-format.md.
 *
 * @param settings the server's, asked for when it is started
 */
export function describeFormat(
  format: Format,
  user: FormatUser,
  settings: () => Promise<Record<string, unknown>> = async () => ({}),
): void {
  const { rules } = format;
  let world: FormatWorld;
  beforeAll(async () => {
    world = await FormatWorld.of(user, await settings());
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const stories: Stories = {
    user,
    world: () => world,
    needs(ability, { can, cannot }) {
      const reason = user.cannot[ability];
      const [title, tell] = reason === undefined ? can : cannot;
      it(reason === undefined ? title : `${title}: ${reason}`, tell);
    },
  };
  describe('A version', () => {
    publishing(stories, rules);
    life(stories);
  });
  describe('A version, by the API,', () => reading(stories));
  describe('A version upstream', () => upstream(stories, rules));
  if (user.registry !== undefined) describe('A public package', () => publicRegistry(stories));
  describe('A package', () => protection(stories, format));
}

/** Every format with its user. Throws for a format without one: it would be left out in silence. */
export function formatsWithUsers(): readonly (readonly [Format, FormatUser])[] {
  return formats.map((format) => {
    const user = formatUsers.find((candidate) => candidate.format === format.rules.name);
    if (user === undefined) throw new Error(`${format.rules.name} has no user in test/support/format-users`);
    return [format, user] as const;
  });
}
