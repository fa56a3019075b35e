import { describe, expect, it } from 'vitest';
import { configuredIndex, pipIndex } from '../../../src/adapters/registries/pip.ts';

describe('The index in what `pip config list` says', () => {
  it('is that of the settings for all commands, or of those for installing', () => {
    const mine = "global.index-url='https://mirror.example/simple'\nglobal.timeout='60'\n";
    expect(configuredIndex(mine)).toBe('https://mirror.example/simple');
    expect(configuredIndex(`${mine}install.index-url='https://other.example/simple/'\n`)).toBe(
      'https://other.example/simple/',
    );
  });

  it.each(['', "global.timeout='60'", "global.index-url='file:///srv/simple'", "global.index-url=''", 'nonsense'])(
    'is none in %j',
    (list) => {
      expect(configuredIndex(list)).toBeUndefined();
    },
  );
});

it('Without settings the address is the one that package URLs stand for', async () => {
  expect(pipIndex.connection).toBe('public:pypi');
  expect(await pipIndex.canonical()).toMatch(/^https:\/\/[^/]+\/simple\/$/);
});
