import { ListPackageVersionAssetsCommand, ListPackageVersionsCommand } from '@aws-sdk/client-codeartifact';
import type { StartOptions } from '../../src/main.ts';
import { PublicIndex } from './pypi-index.ts';
import { PypiUser } from './pypi-user.ts';
import { type RepositorySketches, ServerWorld } from './world.ts';

/** Where users speak as pip and twine do. */
export class PypiWorld extends ServerWorld<PublicIndex> {
  static async with(
    repositories: RepositorySketches,
    settings?: Record<string, unknown>,
    options?: Partial<StartOptions>,
  ): Promise<PypiWorld> {
    const index = await PublicIndex.start();
    return new PypiWorld(await PypiWorld.parts(index, 'public:pypi', repositories, settings, options));
  }

  /** Someone at a repository, with a good token or the one that is given. */
  pypi(repository: string, token: string | undefined = this.token): PypiUser {
    return new PypiUser(this.endpoint('pypi', repository), token);
  }

  /** Someone at a repository who has no token. */
  stranger(repository: string): PypiUser {
    return new PypiUser(this.endpoint('pypi', repository), undefined);
  }

  /** Versions that a repository itself holds. */
  async held(repository: string, name: string): Promise<string[]> {
    const input = { domain: this.domain, repository, format: 'pypi', package: name } as const;
    const answer = await this.aws.send(new ListPackageVersionsCommand(input)).catch(() => undefined);
    return (answer?.versions ?? []).map(({ version = '' }) => version);
  }

  /** Names of the assets that a repository itself holds of a version. */
  async assets(repository: string, name: string, packageVersion: string): Promise<string[]> {
    const input = { domain: this.domain, repository, format: 'pypi', package: name, packageVersion } as const;
    const answer = await this.aws.send(new ListPackageVersionAssetsCommand(input)).catch(() => undefined);
    return (answer?.assets ?? []).map((asset) => asset.name ?? '');
  }
}
