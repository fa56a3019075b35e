import { join } from 'node:path';
import type { CodeartifactClient } from '@aws-sdk/client-codeartifact';
import { type LogLine, type PackyardProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { awsClient, npmEndpoint, tokenFor } from '../support/user.ts';
import { makeRepositories, type RepositorySketches } from '../support/world.ts';
import { isWrongSql } from '../support/wrong-sql.ts';
import { PatientUser, patientAwsClient } from './patient-user.ts';
import type { SharedStores } from './shared-stores.ts';

/** A process of the several that are one server, with the means to reach it. */
export interface Node {
  readonly url: string;
  readonly dataFolder: string;
  readonly aws: CodeartifactClient;
}

/** Packyard processes over the same stores, each with a data folder of its own, and a domain in them. */
export class Nodes {
  readonly domain = 'acme';
  readonly all: readonly Node[];
  readonly token: string;
  /** Every process there ever was, also those that were killed. */
  readonly #everyProcess: PackyardProcess[];
  readonly #processes: PackyardProcess[];
  readonly #args: readonly string[];
  readonly #folder: AsyncDisposable;

  private constructor(
    processes: PackyardProcess[],
    { args, folder, token }: { args: readonly string[]; folder: AsyncDisposable; token: string },
  ) {
    this.#processes = processes;
    this.#everyProcess = [...processes];
    this.#args = args;
    this.#folder = folder;
    this.token = token;
    this.all = processes.map(({ url, servingLine: { dataFolder } }) => ({
      url,
      dataFolder,
      aws: patientAwsClient(url),
    }));
  }

  /**
   * Starts three nodes at once and makes these repositories.
   *
   * @param registryUrl what plays the public registry
   */
  static async start(stores: SharedStores, registryUrl: string, repositories: RepositorySketches): Promise<Nodes> {
    const folder = await temporaryFolder();
    const { database, blobs } = stores.settings;
    const args = ['--database', database, '--blobs', blobs, '--registry', `public:npmjs=${registryUrl}`];
    const places = ['a', 'b', 'c'].map((name) => join(folder.path, name));
    const processes = await Promise.all(places.map((place) => startProcess([...args, '--data', place])));
    const aws = awsClient(processes[0]?.url ?? '');
    await makeRepositories(aws, 'acme', repositories);
    const token = await tokenFor(aws, 'acme');
    aws.destroy();
    return new Nodes(processes, { args, folder, token });
  }

  /** Someone with a token, at the same repository through each node. */
  npm(repository: string): PatientUser[] {
    return this.endpoints(repository).map((endpoint) => new PatientUser(endpoint, this.token));
  }

  /** A repository's npm endpoint at each node. */
  endpoints(repository: string): string[] {
    return this.all.map(({ url }) => npmEndpoint(url, this.domain, repository));
  }

  /** Kills a node the hard way; resolves when it is gone. */
  async kill(index: number): Promise<void> {
    const running = this.#processes[index];
    running?.kill('SIGKILL');
    await running?.exited;
  }

  /** Starts a killed node again, at its former address on its former folder. */
  async startAgain(index: number): Promise<void> {
    const node = this.all[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    const place = ['--data', node.dataFolder, '--port', new URL(node.url).port];
    const started = await startProcess([...this.#args, ...place]);
    this.#processes[index] = started;
    this.#everyProcess.push(started);
  }

  /** What all nodes have logged as faults of their own. */
  faults(): LogLine[] {
    return this.#everyProcess.flatMap((each) => each.log().filter(({ level }) => level >= 50));
  }

  /** What the database has not understood, at whatever level a node has logged it. */
  wrongSql(): LogLine[] {
    return this.#everyProcess.flatMap((each) => each.log().filter(isWrongSql));
  }

  /** Ends all nodes as an operator does. Returns what is wrong with how they ended, in words. */
  async stop(): Promise<string[]> {
    for (const running of this.#processes) running.kill('SIGTERM');
    const ends = await Promise.all(this.#processes.map(({ exited }) => exited));
    return ends.flatMap(({ code, signal, stderr }) =>
      code === 0 && stderr === '' ? [] : [`ended with ${code ?? signal}: ${stderr}`],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { aws } of this.all) aws.destroy();
    await Promise.all(this.#processes.map((running) => running[Symbol.asyncDispose]()));
    await this.#folder[Symbol.asyncDispose]();
  }
}
