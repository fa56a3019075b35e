import { join } from 'node:path';
import type { MavenSettings } from './maven-machine.ts';

export interface SbtSettings extends MavenSettings {
  /** As the server names it: Ivy takes credentials for exactly this realm. */
  readonly realm: string;
}

/** A Java project of sbt that uses a library; everything comes from the endpoint, sbt itself too. */
export function sbtProject(
  { endpoint, token, realm }: SbtSettings,
  version: string,
  library: readonly [groupId: string, artifactId: string, version: string],
): Record<string, string> {
  const dependency = library.map((part) => `"${part}"`).join(' % ');
  const host = new URL(endpoint).hostname;
  return {
    'project/build.properties': `sbt.version=${version}\n`,
    repositories: `[repositories]\nacme: ${endpoint}, allowInsecureProtocol\n`,
    credentials: `realm=${realm}\nhost=${host}\nuser=aws\npassword=${token}\n`,
    'build.sbt': `organization := "com.acme"
name := "caller"
version := "1.0"
crossPaths := false
autoScalaLibrary := false
Compile / packageDoc / publishArtifact := false
Compile / packageSrc / publishArtifact := false
credentials += Credentials("${realm}", "${host}", "aws", "${token}")
libraryDependencies += ${dependency}
publishTo := Some(("acme" at "${endpoint}").withAllowInsecureProtocol(true))
`,
    'src/main/java/com/acme/Caller.java': `package com.acme;
public class Caller { public static String call() { return Greeter.greet(); } }
`,
  };
}

/** What makes Java's virtual machine run sbt of this project with nothing of the computer's own. */
export function sbtArguments(home: string, project: string): string[] {
  return [
    `-Duser.home=${home}`,
    `-Dsbt.global.base=${join(home, 'global')}`,
    `-Dsbt.ivy.home=${join(home, 'ivy')}`,
    `-Dsbt.coursier.home=${join(home, 'coursier')}`,
    `-Dsbt.boot.directory=${join(home, 'boot')}`,
    `-Dsbt.boot.credentials=${join(project, 'credentials')}`,
    '-Dsbt.override.build.repos=true',
    `-Dsbt.repository.config=${join(project, 'repositories')}`,
    '-Dsbt.server.autostart=false',
  ];
}

/** A project of Gradle with two libraries, which `gradle copy` puts into the folder `copied`. */
export function gradleProject(
  { endpoint, token }: MavenSettings,
  library: string,
  other: string,
): Record<string, string> {
  const isPlain = endpoint.startsWith('http:');
  return {
    'settings.gradle': "rootProject.name = 'caller'\n",
    'build.gradle': `apply plugin: 'java'
sourceCompatibility = 1.8
repositories {
  maven {
    url '${endpoint}'
    credentials { username 'aws'; password '${token}' }
    // Gradle 6 and later insist; earlier ones do not know the word.
    if (${isPlain} && it.hasProperty('allowInsecureProtocol')) allowInsecureProtocol = true
  }
}
task copy(type: Copy) { from configurations.runtimeClasspath; into 'copied' }
def scope = configurations.findByName('compile') ? 'compile' : 'implementation'
dependencies {
  add(scope, '${library}')
  add(scope, '${other}')
}
`,
  };
}

/** A project of Leiningen that uses a library and is deployed to the endpoint. */
export function leinProject(
  { endpoint, token }: MavenSettings,
  localRepository: string,
  library: string,
): Record<string, string> {
  const place = `{:url "${endpoint}" :username "aws" :password "${token}" :sign-releases false}`;
  return {
    'project.clj': `(require 'cemerick.pomegranate.aether)
(cemerick.pomegranate.aether/register-wagon-factory! "http" #(org.apache.maven.wagon.providers.http.HttpWagon.))
(defproject com.acme/clojurist "1.0"
  :dependencies [${library}]
  :plugins [] :local-repo "${localRepository}"
  :repositories ^:replace [["acme" ${place}]]
  :deploy-repositories [["acme" ${place}]])
`,
  };
}
