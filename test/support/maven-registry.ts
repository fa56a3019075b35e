import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StandIn } from './stand-in.ts';

/** A version of an artifact, as a test sketches it. */
export interface ArtifactSketch {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  /** Inside `<project>`, after the coordinate. */
  readonly pom?: string;
  /** Further files by what follows the version in their names (`-sources.jar`). */
  readonly files?: Readonly<Record<string, string>>;
}

/** The POM of a sketch. */
export function pomOf({ groupId, artifactId, version, pom = '' }: ArtifactSketch): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>
  ${pom}
</project>
`;
}

/** The folder of an artifact below a repository's address; ends in `/`. */
export function folderOf({ groupId, artifactId }: Pick<ArtifactSketch, 'groupId' | 'artifactId'>): string {
  return `${groupId.replaceAll('.', '/')}/${artifactId}/`;
}

/** The hexadecimal sum of some bytes. */
export function sumOf(algorithm: string, bytes: string | Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/**
 * A small Maven repository that plays the public one in tests: it counts what it is asked, and can be broken, lying or
 * gone.
 */
export class MavenRegistry extends StandIn {
  /** Everything there is, by path. Checksums are made from it. */
  readonly files = new Map<string, string | Buffer>();
  /** Have no checksums of files whose path ends like this. */
  withoutSums: string | undefined;
  /** Send other bytes than the checksum is of, for paths that end like this. */
  corrupts: string | undefined;
  /** Break off in the middle, for paths that end like this. */
  cuts: string | undefined;

  get url(): string {
    return this.at('/maven2/');
  }

  /** Publishes POM and main JAR of a version, and lists it. */
  publish(sketch: ArtifactSketch): void {
    const folder = folderOf(sketch);
    const { artifactId, version } = sketch;
    const stem = `${folder}${version}/${artifactId}-${version}`;
    const files = { '.pom': pomOf(sketch), '.jar': `the jar of ${artifactId} ${version}`, ...sketch.files };
    for (const [end, content] of Object.entries(files)) this.files.set(stem + end, content);
    const listed = /<version>.*<\/version>/s.exec(String(this.files.get(`${folder}maven-metadata.xml`) ?? ''))?.[0];
    this.files.set(
      `${folder}maven-metadata.xml`,
      `<metadata><groupId>${sketch.groupId}</groupId><artifactId>${artifactId}</artifactId><versioning>` +
        `<versions>${listed ?? ''}<version>${version}</version></versions>` +
        '<lastUpdated>20200102030405</lastUpdated></versioning></metadata>',
    );
  }

  protected answer(path: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.#find(path);
    if (bytes === undefined) return void response.writeHead(404).end();
    const etag = `"${sumOf('sha1', bytes)}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    const sent = this.#isMeant(this.corrupts, path) ? Buffer.from(bytes).fill(0) : bytes;
    const lastModified = 'Thu, 02 Jan 2020 03:04:05 GMT';
    response.writeHead(200, { 'content-length': Buffer.byteLength(sent), etag, 'last-modified': lastModified });
    if (!this.#isMeant(this.cuts, path)) return void response.end(sent);
    response.write(Buffer.from(sent).subarray(0, 4), () => response.destroy());
  }

  #isMeant(end: string | undefined, path: string): boolean {
    return end !== undefined && path.endsWith(end);
  }

  #find(path: string): string | Buffer | undefined {
    const file = path.replace(/^\/maven2\//, '');
    const [, of = '', algorithm = ''] = /^(.*)\.(sha1|md5)$/.exec(file) ?? [];
    const summed = this.files.get(of);
    if (summed === undefined) return this.files.get(file);
    return this.#isMeant(this.withoutSums, of) ? undefined : sumOf(algorithm, summed);
  }
}
