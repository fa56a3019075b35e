/** A package within a domain. `namespace` is null where the format or the package has none; npm scopes carry no `@`. */
export interface PackageCoordinate {
  readonly format: string;
  readonly namespace: string | null;
  readonly name: string;
}

/** A repository as addresses name it. */
export interface RepositoryName {
  readonly region: string;
  /** The domain owner's account, 12 digits. */
  readonly owner: string;
  readonly domain: string;
  readonly repository: string;
}

/** A coordinate as one text, the same shape as in a package's ARN: `npm//react`, `npm/babel/core`. */
export function unitOf({ format, namespace, name }: PackageCoordinate): string {
  return `${format}/${namespace ?? ''}/${name}`;
}
