import {
  DescribePackageVersionCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionsCommand,
} from '@aws-sdk/client-codeartifact';
import type { StartOptions } from '../../src/main.ts';
import { type ArtifactSketch, folderOf, MavenRegistry, pomOf, sumOf } from './maven-registry.ts';
import { EndpointUser } from './user.ts';
import { type RepositorySketches, ServerWorld } from './world.ts';

/** Where users speak as Maven does. */
export class MavenWorld extends ServerWorld<MavenRegistry> {
  static async with(
    repositories: RepositorySketches,
    settings?: Record<string, unknown>,
    options?: Partial<StartOptions>,
  ): Promise<MavenWorld> {
    const central = await MavenRegistry.start();
    return new MavenWorld(await MavenWorld.parts(central, 'public:maven-central', repositories, settings, options));
  }

  /** Someone with a good token, at a repository. */
  maven(repository: string, token: string | undefined = this.token): MavenUser {
    return new MavenUser(this.endpoint('maven', repository), token);
  }

  /** Status by version, of what a repository itself holds. */
  async held(repository: string, { groupId, artifactId }: Artifact): Promise<Record<string, string>> {
    const input = {
      domain: this.domain,
      repository,
      format: 'maven',
      namespace: groupId,
      package: artifactId,
    } as const;
    const { versions = [] } = await this.aws
      .send(new ListPackageVersionsCommand(input))
      .catch(() => ({ versions: undefined }));
    return Object.fromEntries(versions.map(({ version = '', status = '' }) => [version, status]));
  }

  /** Names of the assets that a repository itself holds of a version. */
  async assets(repository: string, artifact: Artifact, packageVersion: string): Promise<string[]> {
    const { assets = [] } = await this.aws.send(
      new ListPackageVersionAssetsCommand(this.#version(repository, artifact, packageVersion)),
    );
    return assets.map(({ name = '' }) => name);
  }

  async described(repository: string, artifact: Artifact, packageVersion: string) {
    const { packageVersion: described } = await this.aws.send(
      new DescribePackageVersionCommand(this.#version(repository, artifact, packageVersion)),
    );
    return described;
  }

  #version(repository: string, { groupId, artifactId }: Artifact, packageVersion: string) {
    const { domain } = this;
    return { domain, repository, format: 'maven', namespace: groupId, package: artifactId, packageVersion } as const;
  }
}

type Artifact = Pick<ArtifactSketch, 'groupId' | 'artifactId'>;

/** Someone with a token who speaks to one repository as Maven does. */
export class MavenUser extends EndpointUser {
  protected override authorization(token: string): string {
    return `Basic ${Buffer.from(`aws:${token}`).toString('base64')}`;
  }

  /** Status and text of what is at a path. */
  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await this.fetch(path);
    return { status: response.status, text: await response.text() };
  }

  /** The text at a path; throws when there is none. */
  async text(path: string): Promise<string> {
    const { status, text } = await this.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return text;
  }

  /** Sends a file; returns the answer's status. */
  async send(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> {
    const response = await this.put(path, body);
    await response.arrayBuffer();
    return response.status;
  }

  /** Sends a file with the sums that Maven sends. */
  async upload(path: string, content: string): Promise<void> {
    for (const [at, body] of [
      [path, content],
      [`${path}.sha1`, sumOf('sha1', content)],
      [`${path}.md5`, sumOf('md5', content)],
    ] as const) {
      const response = await this.put(at, body);
      if (!response.ok) throw new Error(`PUT ${at}: ${response.status} ${await response.text()}`);
    }
  }

  /** Deploys POM, main JAR and further files of a version as Maven does, and then its metadata. */
  async deploy(sketch: ArtifactSketch): Promise<void> {
    const { groupId, artifactId, version } = sketch;
    const folder = folderOf(sketch);
    const files = { '.jar': `the jar of ${artifactId} ${version}`, '.pom': pomOf(sketch), ...sketch.files };
    for (const [end, content] of Object.entries(files)) {
      await this.upload(`${folder}${version}/${artifactId}-${version}${end}`, content);
    }
    await this.upload(`${folder}maven-metadata.xml`, artifactMetadata(groupId, artifactId, [version]));
  }

  /** Deploys a build of a SNAPSHOT as Maven does. `build` is its timestamp and number: `20210728.194552-1`. */
  async deploySnapshot(sketch: ArtifactSketch, build: string): Promise<void> {
    const { groupId, artifactId, version } = sketch;
    const folder = folderOf(sketch);
    const value = version.replace('SNAPSHOT', build);
    const files = { '.jar': `the jar of ${value}`, '.pom': pomOf(sketch), ...sketch.files };
    for (const [end, content] of Object.entries(files)) {
      await this.upload(`${folder}${version}/${artifactId}-${value}${end}`, content);
    }
    await this.upload(`${folder}${version}/maven-metadata.xml`, snapshotMetadata(groupId, artifactId, version, build));
    await this.upload(`${folder}maven-metadata.xml`, artifactMetadata(groupId, artifactId, [version]));
  }
}

/** The metadata of an artifact as clients write it. */
export function artifactMetadata(groupId: string, artifactId: string, versions: readonly string[]): string {
  const listed = versions.map((version) => `<version>${version}</version>`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<metadata><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><versioning>
<release>${versions.at(-1)}</release><versions>${listed}</versions><lastUpdated>20210728194552</lastUpdated>
</versioning></metadata>`;
}

/** The metadata of a SNAPSHOT as clients write it. */
export function snapshotMetadata(groupId: string, artifactId: string, version: string, build: string): string {
  const [timestamp = '', number = ''] = build.split('-');
  const value = version.replace('SNAPSHOT', build);
  const entry = (extension: string) =>
    `<snapshotVersion><extension>${extension}</extension><value>${value}</value></snapshotVersion>`;
  return `<metadata><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>
<versioning><snapshot><timestamp>${timestamp}</timestamp><buildNumber>${number}</buildNumber></snapshot>
<snapshotVersions>${entry('jar')}${entry('pom')}</snapshotVersions></versioning></metadata>`;
}
