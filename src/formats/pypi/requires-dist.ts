import { isProjectName, normalizeName } from './names.ts';

/** A requirement as far as a dependency list shows it. */
interface Requirement {
  /** Normalized. */
  readonly project: string;
  /** `>=1.0,<2`, or `@ https://…` where it is at an address; undefined where any version will do. */
  readonly specifier: string | undefined;
}

/**
 * Reads a Requires-Dist: `requests[socks] (>=2.8.1) ; python_version < "3"`. Extras and the marker are left out.
 * Undefined when it does not begin with a project's name. The specifier is kept as it is but for white space, so that
 * ones that are not PEP 440 (`>=3.6.*`) stay. Source: PEP 508.
 */
export function parseRequirement(text: string): Requirement | undefined {
  const [, name = '', rest = ''] = /^\s*([A-Za-z0-9._-]+)\s*(.*)$/s.exec(text) ?? [];
  if (!isProjectName(name)) return undefined;
  const project = normalizeName(name);
  const wanted = rest.replace(/^\[[^\]]*\]\s*/, '');
  if (wanted.startsWith('@')) {
    // Only a `;` after white space ends an address.
    const [address = ''] = wanted.slice(1).trim().split(/\s/, 1);
    return { project, specifier: address === '' ? undefined : `@ ${address}` };
  }
  const [versions = ''] = wanted.split(';', 1);
  const bare = versions
    .trim()
    .replace(/^\((.*)\)$/s, '$1')
    .replace(/\s+/g, '');
  return { project, specifier: bare === '' ? undefined : bare };
}
