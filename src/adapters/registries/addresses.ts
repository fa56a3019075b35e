import type { RegistryAddress, RegistryAddresses } from '../../ports/upstream.ts';

/** How the address of one connection's registry can be learned from the machine. */
export interface RegistrySource {
  readonly connection: string;
  /** What the machine's own client of this format is configured with; undefined when it says nothing usable. */
  configured(): Promise<{ url: string; source: string } | undefined>;
  /** The address the whole world knows. */
  canonical(): Promise<string | undefined>;
}

/**
 * Where public registries are: an explicit setting, else what the machine's own client is configured with, else the
 * address that everyone knows. Looked up at first use and kept.
 *
 * @param explicit address by connection name, from the settings
 */
export function registryAddresses(
  explicit: Readonly<Record<string, string>>,
  sources: readonly RegistrySource[],
): RegistryAddresses {
  const found = new Map<string, Promise<RegistryAddress | undefined>>();
  const look = async (connection: string): Promise<RegistryAddress | undefined> => {
    const source = sources.find((candidate) => candidate.connection === connection);
    const canonical = await source?.canonical();
    const canonicalUrl = canonical === undefined ? undefined : withSlash(canonical);
    const setting = explicit[connection];
    if (setting !== undefined) return { url: withSlash(setting), source: 'settings', canonicalUrl };
    const configured = await source?.configured();
    if (configured !== undefined && !isCodeArtifactShaped(configured.url)) {
      return { url: withSlash(configured.url), source: configured.source, canonicalUrl };
    }
    if (canonicalUrl === undefined) return undefined;
    return { url: canonicalUrl, source: 'the public default', canonicalUrl };
  };
  return {
    find(connection) {
      const known = found.get(connection) ?? look(connection);
      found.set(connection, known);
      return known;
    },
  };
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/**
 * `aws codeartifact login` points the machine's client to a CodeArtifact repository, perhaps one of this very server:
 * never a public registry, and asking it would go round in a circle.
 */
function isCodeArtifactShaped(url: string): boolean {
  const { hostname, pathname } = new URL(url);
  return /\.codeartifact\./.test(hostname) || /^\/d\/[^/]+\/[^/]+-\d{12}\//.test(pathname);
}
