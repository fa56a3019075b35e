/**
 * The formats there are, and whether packages of each have a namespace. Source: API reference, PackageNamespace;
 * reference, 1.7.
 */
export const namespaceRules: Readonly<Record<string, 'required' | 'optional' | 'forbidden'>> = {
  npm: 'optional',
  maven: 'required',
  swift: 'required',
  generic: 'required',
  pypi: 'forbidden',
  nuget: 'forbidden',
  ruby: 'forbidden',
  cargo: 'forbidden',
};
