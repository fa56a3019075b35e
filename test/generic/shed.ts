import {
  DescribePackageVersionCommand,
  GetPackageVersionAssetCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionsCommand,
} from '@aws-sdk/client-codeartifact';
import { EndpointUser } from '../support/user.ts';
import { type RepositorySketches, World } from '../support/world.ts';

/** The package that these tests are about, and where its files are. */
export const tool = { format: 'generic', namespace: 'tools', package: 'drill' } as const;
export const fileOf = (version: string, asset = 'drill.zip') => `tools/drill/${version}/${asset}`;

/** A server with generic packages, seen over the protocol for curl and over the API. */
export class Shed {
  readonly world: World;

  private constructor(world: World) {
    this.world = world;
  }

  static async with(
    repositories: RepositorySketches = { app: [] },
    ...rest: [Record<string, unknown>?, Parameters<typeof World.with>[2]?]
  ): Promise<Shed> {
    return new Shed(await World.with(repositories, ...rest));
  }

  at(repository: string, token: string | undefined = this.world.token): EndpointUser {
    return new EndpointUser(this.world.endpoint('generic', repository), token);
  }

  where(repository: string) {
    return { domain: this.world.domain, repository, ...tool };
  }

  /** The versions that the API lists; none where there is no package. */
  async versions(repository: string): Promise<string[]> {
    const answer = await this.world.aws
      .send(new ListPackageVersionsCommand(this.where(repository)))
      .catch(() => undefined);
    return (answer?.versions ?? []).map(({ version = '' }) => version);
  }

  async describe(repository: string, packageVersion: string) {
    const input = { ...this.where(repository), packageVersion };
    return (await this.world.aws.send(new DescribePackageVersionCommand(input))).packageVersion;
  }

  async assets(repository: string, packageVersion: string): Promise<string[]> {
    const input = { ...this.where(repository), packageVersion };
    const { assets = [] } = await this.world.aws.send(new ListPackageVersionAssetsCommand(input));
    return assets.map(({ name = '' }) => name);
  }

  async readByApi(repository: string, packageVersion: string, asset = 'drill.zip'): Promise<string> {
    const input = { ...this.where(repository), packageVersion, asset };
    const answer = await this.world.aws.send(new GetPackageVersionAssetCommand(input));
    return (await answer.asset?.transformToString()) ?? '';
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}
