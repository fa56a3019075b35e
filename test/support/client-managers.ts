import { join } from 'node:path';
import type { Machine } from './client-machine.ts';
import type { ClientName } from './clients.ts';

/** Where a person's package manager shall get its packages, and with which token. */
export interface Registry {
  /** Ends in `/`. */
  readonly endpoint: string;
  readonly token: string;
}

/** How a package manager is set up and called, where they differ, and how each says what went wrong. */
export interface Manager {
  readonly name: ClientName;
  /** Writes registry and token where the manager looks for them in a person's home. */
  configure(machine: Machine, registry: Registry): void;
  readonly install: readonly string[];
  /** Installs what the lock file says, or nothing. */
  readonly installFrozen: readonly string[];
  /** Followed by the packages. */
  readonly add: readonly string[];
  /** The commands that publish the package in the folder, one after the other. */
  readonly publish: readonly (readonly string[])[];
  readonly whoami?: readonly string[];
  readonly lockFile: string;
  /**
   * Whether the lock file spells out the tarballs' addresses. Otherwise the manager derives them from the registry's,
   * as long as they are of the usual shape: then it must have none.
   */
  readonly locksAddresses: boolean;
  readonly says: {
    /** On publishing a version that exists with other content. */
    readonly conflict: RegExp;
    /** On installing, and on publishing, with a token that is none. */
    readonly badToken: { readonly install: RegExp; readonly publish: RegExp };
  };
}

/** The package managers that speak the npm protocol, each as its users set it up. */
export const managers: readonly Manager[] = [
  {
    ...npm('npm 11'),
    says: {
      // It looks before it publishes, so that the refusal is its own.
      conflict: /You cannot publish over the previously published versions: 1\.0\.0/,
      badToken: { install: /code E401/, publish: /code E401/ },
    },
  },
  {
    ...npm('npm 8'),
    says: {
      conflict: /code EPUBLISHCONFLICT.*Cannot publish over existing version/s,
      badToken: { install: /code E401/, publish: /code E401/ },
    },
  },
  {
    name: 'pnpm',
    configure: writeNpmrc,
    install: ['install'],
    installFrozen: ['install', '--frozen-lockfile'],
    add: ['add'],
    publish: [['publish', '--no-git-checks']],
    whoami: ['whoami'],
    lockFile: 'pnpm-lock.yaml',
    locksAddresses: false,
    says: {
      conflict: /ERR_PNPM_FAILED_TO_PUBLISH.*409 Conflict.*already/s,
      badToken: { install: /401\s.*Unauthorized/s, publish: /ERR_PNPM_FAILED_TO_PUBLISH.*401 Unauthorized/s },
    },
  },
  {
    name: 'yarn 1',
    // Without always-auth it asks for packages that have no scope without the token.
    configure: (machine, registry) => writeNpmrc(machine, registry, ['always-auth=true']),
    install: ['install', '--non-interactive'],
    installFrozen: ['install', '--non-interactive', '--frozen-lockfile'],
    add: ['add', '--non-interactive'],
    publish: [['publish', '--non-interactive']],
    lockFile: 'yarn.lock',
    locksAddresses: true,
    says: {
      conflict: /Couldn't publish package: .*already in the repository with other content/,
      badToken: {
        install: /A valid token for domain 'acme' is needed/,
        publish: /Couldn't publish package: .*A valid token for domain 'acme' is needed/,
      },
    },
  },
  {
    name: 'yarn 4',
    configure: writeYarnrc,
    install: ['install'],
    installFrozen: ['install', '--immutable'],
    add: ['add'],
    publish: [['install'], ['npm', 'publish']],
    whoami: ['npm', 'whoami'],
    lockFile: 'yarn.lock',
    locksAddresses: false,
    says: {
      conflict: /YN0035: Version '1\.0\.0' of .* already in the repository.*409 \(Conflict\)/s,
      badToken: { install: /YN0041.*Invalid authentication/, publish: /YN0041.*Invalid authentication/ },
    },
  },
  {
    name: 'bun',
    configure: writeNpmrc,
    install: ['install'],
    installFrozen: ['install', '--frozen-lockfile'],
    add: ['add'],
    publish: [['publish']],
    whoami: ['pm', 'whoami'],
    lockFile: 'bun.lock',
    locksAddresses: true,
    says: {
      conflict: /409 Conflict.*already in the repository with other content/s,
      badToken: { install: /GET .* - 401/, publish: /unable to authenticate, need: Bearer/ },
    },
  },
];

function npm(name: ClientName): Omit<Manager, 'says'> {
  return {
    name,
    configure: writeNpmrc,
    install: ['install'],
    installFrozen: ['ci'],
    add: ['install'],
    publish: [['publish']],
    whoami: ['whoami'],
    lockFile: 'package-lock.json',
    locksAddresses: true,
  };
}

/** Writes the user's `.npmrc` by hand, as `aws codeartifact login` does for npm. */
export function writeNpmrc(machine: Machine, registry: Registry, more: readonly string[] = []): void {
  machine.write(join(machine.home, '.npmrc'), npmrc(registry, more));
}

/** The text of an `.npmrc` that takes everything from one registry. */
export function npmrc({ endpoint, token }: Registry, more: readonly string[] = []): string {
  const key = endpoint.replace(/^https?:/, '');
  return `${[`registry=${endpoint}`, `${key}:_authToken=${token}`, ...more].join('\n')}\n`;
}

function writeYarnrc(machine: Machine, { endpoint, token }: Registry): void {
  const settings = [
    `npmRegistryServer: ${JSON.stringify(endpoint)}`,
    'npmRegistries:',
    `  ${JSON.stringify(endpoint)}:`,
    `    npmAuthToken: ${JSON.stringify(token)}`,
    '    npmAlwaysAuth: true',
    'unsafeHttpWhitelist: [localhost]',
    // It looks past the machine's closed door: proxies of the environment mean nothing to it.
    'networkSettings: { "*": { enableNetwork: false }, localhost: { enableNetwork: true } }',
    // It holds back what was published today; ours are published by the minute.
    'npmPreapprovedPackages: ["@acme/*", "acme-*"]',
    'nodeLinker: node-modules',
    'enableTelemetry: false',
  ];
  machine.write(join(machine.home, '.yarnrc.yml'), `${settings.join('\n')}\n`);
}
