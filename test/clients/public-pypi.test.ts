import { describe, expect, it } from 'vitest';
import { registryAddresses } from '../../src/adapters/registries/addresses.ts';
import { pipIndex } from '../../src/adapters/registries/pip.ts';
import { Machine } from '../support/client-machine.ts';
import { describeClients } from '../support/clients.ts';
import { PypiWorld } from '../support/pypi-world.ts';

const isReachable = await canReachIndex();

describe.skipIf(!isReachable)(`the machine's own Python index${isReachable ? '' : ' (out of reach)'}`, () => {
  describeClients('pip', ['pip 26', 'python'], (pip, python) => {
    it('has a package that installs through two repositories', async () => {
      await using world = await PypiWorld.with({ store: 'public:pypi', team: ['store'] }, { registry: {} });
      using laptop = new Machine(pip, python);
      const folder = laptop.folder('site');
      const index = world.pypi('team').endpoint.replace('http://', `http://aws:${world.token}@`);
      const args = ['install', '--index-url', `${index}simple/`, '--target', folder, 'six==1.16.0'];
      expect(await laptop.run(pip, args)).toMatchObject({ code: 0 });
      const program = 'import six; print(six.__version__)';
      const found = await laptop.run(python, ['-c', program], { env: { PYTHONPATH: folder } });
      expect(found).toMatchObject({ code: 0, stdout: '1.16.0\n' });
      expect([await world.held('store', 'six'), await world.held('team', 'six')]).toEqual([['1.16.0'], ['1.16.0']]);
    });
  });
});

async function canReachIndex(): Promise<boolean> {
  const address = await registryAddresses({}, [pipIndex]).find('public:pypi');
  if (address === undefined) return false;
  const answer = await fetch(`${address.url}six/`, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  return answer?.ok === true;
}
