import { copyMarkName } from '../../core/copy-mark.ts';
import type { Schema } from '../queries/schema.ts';

/** A table whose rows a copy moves. */
export interface MovedTable {
  readonly name: keyof Schema;
  /** The primary key: what rows are paged, resumed and compared by. */
  readonly key: readonly string[];
  /** The column that names a blob, and the one that says its size where there is one. */
  readonly blob?: { readonly sha256: string; readonly size?: string };
  /** The row with this (one-column) key is not moved. */
  readonly except?: string;
}

type ColumnOf<Table> = keyof Table & string;

/** What a copy does with a table: moves it, or leaves it behind for the reason given. */
type Plan<Table> =
  | {
      readonly key: readonly ColumnOf<Table>[];
      readonly blob?: { readonly sha256: ColumnOf<Table>; readonly size?: ColumnOf<Table> };
      readonly except?: string;
    }
  | { readonly leftBehind: string };

/** Every table, each after those it refers to. A new table does not compile before it has its place here. */
const plans: { readonly [Name in keyof Schema]: Plan<Schema[Name]> } = {
  domains: { key: ['id'] },
  repositories: { key: ['id'] },
  repository_upstreams: { key: ['repository_id', 'position'] },
  external_connections: { key: ['repository_id', 'connection'] },
  packages: { key: ['id'] },
  repository_packages: { key: ['repository_id', 'package_id'] },
  versions: { key: ['id'] },
  version_readmes: { key: ['version_id'] },
  assets: { key: ['version_id', 'name'], blob: { sha256: 'sha256', size: 'size' } },
  repository_versions: { key: ['repository_id', 'package_id', 'version'] },
  tags: { key: ['repository_id', 'package_id', 'tag'] },
  resource_tags: { key: ['arn', 'key'] },
  package_groups: { key: ['id'] },
  package_group_repositories: { key: ['group_id', 'restriction', 'repository_id'] },
  domain_policies: { key: ['domain_id'] },
  repository_policies: { key: ['repository_id'] },
  events: { key: ['package_id', 'sequence'] },
  event_cursors: { key: ['consumer'] },
  upstream_metadata: { key: ['connection', 'unit'], blob: { sha256: 'document_sha256' } },
  // Last, so that a database with an id and a token key is one that has everything else.
  settings: { key: ['name'], except: copyMarkName },
  prepared: { leftBehind: 'rendered again when it is asked for' },
  locks: { leftBehind: 'held by transactions of their own database' },
  leases: { leftBehind: 'held by nodes of their own database' },
  condemned_blobs: { leftBehind: 'the target looks by itself for blobs that nothing refers to' },
};

/** The tables that are moved, each after those it refers to. */
export const movedTables: readonly MovedTable[] = Object.entries(plans).flatMap(([name, plan]) =>
  'key' in plan ? [{ name: name as keyof Schema, ...plan }] : [],
);

/** The tables that are not. */
export const leftBehindTables: readonly string[] = Object.entries(plans).flatMap(([name, plan]) =>
  'leftBehind' in plan ? [name] : [],
);
