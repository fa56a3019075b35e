import { mustCall } from '../call.ts';
import type { ReadRequest } from '../load/job.ts';
import { Random } from '../packages/random.ts';
import { largePackage, seededPackages, seededRepository, smallPackage, smallPackageCount } from '../packages/seeded.ts';
import { repositoryQuery, signed } from '../servers/packyard-api.ts';
import type { BenchServer } from '../servers/server.ts';

/** Of each kind; they are asked again and again, all kinds mixed. */
const requestsOfAKind = 200;
const pageSize = '50';
const largestPage = 1_000;

const describeLabel = 'DescribePackageVersion';
const listLabel = 'ListPackageVersions';

/** Questions to the control plane about packages all over a seeded repository, in a mixed order. */
export async function controlRequests(server: BenchServer, versions: number): Promise<ReadRequest[]> {
  const random = new Random('control plane');
  const packages = smallPackageCount(versions);
  const [large] = seededPackages(versions);
  const largeCount = large?.versionCount ?? 0;
  const middle = await tokenInTheMiddle(server, largeCount);
  const least = Math.ceil(packages / 9);
  const anySmall = () => smallPackage(random.integer(0, packages - 1));
  const kinds: (() => ReadRequest)[] = [
    () => describe(anySmall(), random.integer(0, 9)),
    () => describe(largePackage, random.integer(0, largeCount - 1)),
    () => list('small package', anySmall()),
    () => list('large package, first page', largePackage),
    () => list('large package, page in the middle', largePackage, { 'next-token': middle }),
    () => list('large package, newest first', largePackage, { sortBy: 'PUBLISHED_TIME' }),
    () => listPackages('first page', {}),
    // With as many digits as the last: then it is the prefix of no other, however many there are.
    () =>
      listPackages('by prefix', { format: 'npm', 'package-prefix': smallPackage(random.integer(least, packages - 1)) }),
  ];
  return Array.from({ length: requestsOfAKind }, () => kinds.map((kind) => kind())).flat();
}

function describe(name: string, patch: number): ReadRequest {
  const query = repositoryQuery(seededRepository, { format: 'npm', package: name, version: `1.0.${patch}` });
  return { path: `/v1/package/version?${query}`, headers: signed, label: describeLabel };
}

function list(about: string, name: string, more: Readonly<Record<string, string>> = {}): ReadRequest {
  const path = listPath(name, { 'max-results': pageSize, ...more });
  return { method: 'POST', path, headers: signed, label: `${listLabel}, ${about}` };
}

function listPackages(about: string, more: Readonly<Record<string, string>>): ReadRequest {
  const path = `/v1/packages?${repositoryQuery(seededRepository, { 'max-results': pageSize, ...more })}`;
  return { method: 'POST', path, headers: signed, label: `ListPackages, ${about}` };
}

function listPath(name: string, more: Readonly<Record<string, string>>): string {
  return `/v1/package/versions?${repositoryQuery(seededRepository, { format: 'npm', package: name, ...more })}`;
}

/** Pages through half of the large package's versions; returns the token of the page that comes then. */
async function tokenInTheMiddle({ port }: BenchServer, count: number): Promise<string> {
  let token: string | undefined;
  for (let seen = 0; seen < count / 2; ) {
    const size = Math.min(largestPage, Math.ceil(count / 2));
    const page = { 'max-results': String(size), ...(token !== undefined && { 'next-token': token }) };
    const { body } = await mustCall(port, listPath(largePackage, page), { method: 'POST', headers: signed });
    ({ nextToken: token } = JSON.parse(body.toString()) as { nextToken: string });
    seen += size;
  }
  return token ?? '';
}
