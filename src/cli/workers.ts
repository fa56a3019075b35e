import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { pino } from 'pino';
import { type RunningServer, startKeeper, startWorker } from '../main.ts';
import type { Settings } from '../settings.ts';
import { faultMessage } from './say-error.ts';

/** What a worker tells: that it listens, or why it cannot. */
type Message = { readonly url: string } | { readonly fault: string };

/** What a worker is told when it shall end. */
const endOrder = 'end';

/** A worker that dies is replaced after this long, so that one that cannot live does not keep a core busy. */
const restartMs = 1_000;

/** Whether this process is a worker, started by `serveWithWorkers` in another. */
export const isWorker = cluster.isWorker;

/**
 * Serves with several processes on one port: this one holds the data folder and looks after the upkeep, the workers
 * serve. Resolves when all of them listen. A worker that dies is replaced. Rejects when a worker cannot start.
 */
export async function serveWithWorkers(settings: Settings, log: pino.Logger): Promise<RunningServer> {
  const keeper = await startKeeper(settings, { log });
  let workerSettings: Settings = { ...settings, data: keeper.dataFolder };
  let isClosing = false;
  const living = new Set<Worker>();

  const start = async (): Promise<string> => {
    const worker = cluster.fork();
    living.add(worker);
    const exited = once(worker, 'exit').then(([code, signal]) => {
      living.delete(worker);
      return `a worker ended with ${code ?? signal}`;
    });
    worker.send(workerSettings);
    const message = await Promise.race([once(worker, 'message').then(([said]) => said as Message), exited]);
    if (typeof message === 'string') throw new Error(message);
    if ('fault' in message) throw new Error(message.fault);
    void exited.then((how) => replace(how));
    return message.url;
  };
  const replace = (how: string): void => {
    if (isClosing) return;
    log.error({ restartMs }, `${how}; another takes its place`);
    // When none is left, this timer is all that keeps this process alive.
    setTimeout(() => {
      if (!isClosing) start().catch((error: Error) => replace(error.message));
    }, restartMs);
  };
  const close = async (): Promise<void> => {
    isClosing = true;
    const ended = [...living].map((worker) => once(worker, 'exit'));
    // Not by a signal: a terminal and systemd have sent one to all of us, and a second one ends a drain.
    for (const worker of living) worker.send(endOrder, () => undefined);
    await Promise.all(ended);
    await keeper.close();
  };

  try {
    workerSettings = { ...workerSettings, port: await portOf(settings) };
    const [url = ''] = await Promise.all(Array.from({ length: settings.workers }, start));
    return { url, dataFolder: keeper.dataFolder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The port to serve on, a free one for 0: those that replace a worker must come where it was. */
async function portOf({ host, port }: Settings): Promise<number> {
  if (port !== 0) return port;
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return free;
}

/** What a worker does: waits for its settings, listens, and tells. The order to end reaches it as SIGTERM. */
export async function serveAsWorker(newLog: (settings: Settings) => pino.Logger): Promise<RunningServer> {
  const [settings] = (await once(process, 'message')) as [Settings];
  process.once('message', () => process.emit('SIGTERM', 'SIGTERM'));
  const tell = (message: Message) => new Promise((sent) => process.send?.(message, sent));
  try {
    const server = await startWorker(settings, { log: newLog(settings) });
    // Without the one that holds the data folder, nobody would stop this one.
    process.once('disconnect', () => process.exit(1));
    await tell({ url: server.url });
    return server;
  } catch (error) {
    await tell({ fault: faultMessage(error) });
    throw error;
  }
}
