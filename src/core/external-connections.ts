/** The public registries a repository can be connected to, each with its package format. Source: AWS user guide. */
export const externalConnections: ReadonlyMap<string, string> = new Map([
  ['public:npmjs', 'npm'],
  ['public:pypi', 'pypi'],
  ['public:nuget-org', 'nuget'],
  ['public:maven-central', 'maven'],
  ['public:maven-googleandroid', 'maven'],
  ['public:maven-gradleplugins', 'maven'],
  ['public:maven-commonsware', 'maven'],
  ['public:maven-clojars', 'maven'],
  ['public:ruby-gems-org', 'ruby'],
  ['public:crates-io', 'cargo'],
]);
