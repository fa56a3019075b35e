import type { FastifyInstance } from 'fastify';

/**
 * `GET /_packyard/health` answers 200 as soon as requests can be served. `/_localstack/health` has the shape that
 * scripts wait for which were written for that emulator: they look for a service's `running` or `available`.
 */
export function healthRoutes(app: FastifyInstance, version: string): void {
  app.get('/_packyard/health', async () => ({ status: 'ok', version }));
  app.get('/_localstack/health', async () => ({
    services: { codeartifact: 'running', sts: 'running' },
    edition: 'packyard',
    version,
  }));
}
