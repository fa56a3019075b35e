import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, type Outcome } from './client-machine.ts';
import type { Client } from './clients.ts';

/** The first run fetches hundreds of plugins' files. */
export const mavenLimitMs = 240_000;

/** What someone who uses Maven wrote into their settings. */
export interface MavenSettings {
  /** The repository's maven endpoint, for everything: plugins, dependencies, releases and SNAPSHOTs. */
  readonly endpoint: string;
  readonly token: string;
}

/** The computer of someone who uses Maven, with their `settings.xml` and a local repository of its own. */
export class MavenMachine extends Machine {
  readonly #settings: string;

  constructor(settings: MavenSettings, ...clients: readonly Client[]) {
    super(...clients);
    this.#settings = join(this.home, 'settings.xml');
    this.write(this.#settings, settingsXml(settings, this.folder('repository')));
  }

  /** Runs Maven, any version of it, in a project. */
  mvn(maven: Client, args: readonly string[], cwd?: string): Promise<Outcome> {
    const place = cwd === undefined ? {} : { cwd };
    return this.run(maven, ['-B', '-s', this.#settings, ...args], { ...place, limitMs: mavenLimitMs });
  }

  /** Names of the files that Maven has of a version here. */
  localFiles(groupId: string, artifactId: string, version: string): string[] {
    return readdirSync(join(this.#localGroup(groupId), artifactId, version)).sort();
  }

  /** Takes a group out of the local repository. */
  forget(groupId: string): void {
    rmSync(this.#localGroup(groupId), { recursive: true, force: true });
  }

  #localGroup(groupId: string): string {
    return join(this.folder('repository'), ...groupId.split('.'));
  }
}

/** As in docs/maven.md. A wrong checksum is a failure here. */
function settingsXml({ endpoint, token }: MavenSettings, localRepository: string): string {
  const policy = '<enabled>true</enabled><checksumPolicy>fail</checksumPolicy>';
  return `<settings>
  <localRepository>${localRepository}</localRepository>
  <servers><server><id>acme</id><username>aws</username><password>${token}</password></server></servers>
  <mirrors><mirror><id>acme</id><mirrorOf>*</mirrorOf><url>${endpoint}</url></mirror></mirrors>
  <profiles>
    <profile>
      <id>acme</id>
      <repositories>
        <repository>
          <id>acme</id><url>${endpoint}</url>
          <releases>${policy}</releases><snapshots>${policy}</snapshots>
        </repository>
      </repositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>acme</activeProfile></activeProfiles>
</settings>
`;
}

/** A library of one class, as a project that is deployed to `endpoint`. */
export function libraryProject(endpoint: string, version: string, greeting: string): Record<string, string> {
  const target = `<id>acme</id><url>${endpoint}</url>`;
  return {
    'pom.xml': projectXml(
      'greeter',
      version,
      `<distributionManagement>
        <repository>${target}</repository><snapshotRepository>${target}</snapshotRepository>
      </distributionManagement>`,
    ),
    'src/main/java/com/acme/Greeter.java': `package com.acme;
public class Greeter { public static String greet() { return "${greeting}"; } }
`,
  };
}

/** A program that says what the library of that version says. */
export function programProject(version: string): Record<string, string> {
  const dependency = `<groupId>com.acme</groupId><artifactId>greeter</artifactId><version>${version}</version>`;
  return {
    'pom.xml': projectXml('program', '1.0', `<dependencies><dependency>${dependency}</dependency></dependencies>`),
    'src/main/java/com/acme/Program.java': `package com.acme;
public class Program { public static void main(String[] args) { System.out.println(Greeter.greet()); } }
`,
  };
}

function projectXml(artifactId: string, version: string, rest: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.acme</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  ${rest}
</project>
`;
}
