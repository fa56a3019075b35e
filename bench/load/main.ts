import { Connection, type Exchange } from './connection.ts';
import type { Job, Order, Report, Result } from './job.ts';
import { type PreparedRequest, prepare } from './prepared-requests.ts';

/** The load generator: a process of its own, so that what it costs is not the servers' cost. */
let ready: { job: Job; requests: PreparedRequest[]; connections: Connection[] } | undefined;

process.on('message', async (order: Order) => {
  try {
    if (order !== 'go') {
      const { prepare: job } = order;
      const requests = prepare(job);
      const connections = await Promise.all(Array.from({ length: job.connections }, () => Connection.open(job.port)));
      ready = { job, requests, connections };
      report('ready');
    } else if (ready !== undefined) {
      const result = await run(ready.job, ready.requests, ready.connections);
      for (const connection of ready.connections) connection.close();
      ready = undefined;
      report({ result });
    }
  } catch (error) {
    report({ failure: String(error) });
  }
});
process.on('disconnect', () => process.exit(0));

async function run(
  job: Job,
  requests: readonly PreparedRequest[],
  connections: readonly Connection[],
): Promise<Result> {
  const latenciesMs: Record<string, number[]> = {};
  let bodyBytes = 0;
  let sent = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const seconds = job.work.kind === 'reads' ? job.work.seconds : undefined;
  const end = startedAt + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const next = (): PreparedRequest | undefined => {
    if (performance.now() >= end) return undefined;
    const request = requests[seconds === undefined ? sent : sent % requests.length];
    sent += 1;
    return request;
  };
  await Promise.all(
    connections.map(async (connection) => {
      for (let request = next(); request !== undefined; request = next()) {
        const exchange = await connection.exchange(request.bytes);
        check(request, exchange);
        bodyBytes += exchange.bodyBytes;
        latenciesMs[request.label] ??= [];
        latenciesMs[request.label]?.push(exchange.ms);
      }
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const completed = Object.values(latenciesMs).reduce((total, { length }) => total + length, 0);
  return { requests: completed, elapsedMs, bodyBytes, generatorCpuMs: (user + system) / 1000, latenciesMs };
}

/** Throws for an answer that is not the one that was asked for. */
function check(request: PreparedRequest, { status, bodyBytes, said }: Exchange): void {
  if (status !== 200 && status !== 201) throw new Error(`${request.name} was answered ${status}: ${said}`);
  if (!request.isSteady) return;
  request.bodyBytes ??= bodyBytes;
  if (bodyBytes !== request.bodyBytes)
    throw new Error(`${request.name} was answered with ${bodyBytes} bytes instead of ${request.bodyBytes}.`);
}

function report(message: Report): void {
  process.send?.(message);
}
