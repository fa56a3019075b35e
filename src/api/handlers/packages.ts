import type {
  DeletePackageRequest,
  DeletePackageResult,
  DescribePackageRequest,
  DescribePackageResult,
  ListPackagesRequest,
  ListPackagesResult,
  PackageFormat,
  PackageSummary,
  PutPackageOriginConfigurationRequest,
  PutPackageOriginConfigurationResult,
} from '@aws-sdk/client-codeartifact';
import { deletePackage } from '../../core/control/delete-package.ts';
import { findPackage, findRepository } from '../../core/control/find.ts';
import { putOriginConfiguration } from '../../core/control/put-origin-configuration.ts';
import { invalid } from '../../core/errors.ts';
import type { RepositoryPackage } from '../../ports/storage.ts';
import type { Call } from '../messages.ts';
import { closePage, openPage } from '../pagination.ts';
import { coordinateOf, repositoryName } from './names.ts';
import type { Checked } from './types.ts';

export const packageHandlers = {
  async DescribePackage(call: Call, input: Checked<DescribePackageRequest>): Promise<DescribePackageResult> {
    const { record } = await findPackage(call.deps, repositoryName(call, input), coordinateOf(input));
    const { package: name, ...rest } = summary(record);
    return { package: { ...rest, name } };
  },

  async DeletePackage(call: Call, input: Checked<DeletePackageRequest>): Promise<DeletePackageResult> {
    const found = await findPackage(call.deps, repositoryName(call, input), coordinateOf(input));
    return { deletedPackage: summary(await deletePackage(call.deps, found)) };
  },

  async PutPackageOriginConfiguration(
    call: Call,
    input: Checked<PutPackageOriginConfigurationRequest>,
  ): Promise<PutPackageOriginConfigurationResult> {
    const { restrictions } = input;
    await putOriginConfiguration(call.deps, repositoryName(call, input), coordinateOf(input), restrictions);
    return { originConfiguration: { restrictions } };
  },

  /** `namespace` and `packagePrefix` are prefixes here, compared by case (reference, 2.34). */
  async ListPackages(call: Call, input: Checked<ListPackagesRequest>): Promise<ListPackagesResult> {
    const { format, namespace: namespacePrefix, packagePrefix: namePrefix, publish, upstream } = input;
    if (namespacePrefix !== undefined && format === undefined) {
      throw invalid('A namespace can only be given together with a format.');
    }
    const { repository } = await findRepository(call.deps.storage, repositoryName(call, input));
    const page = openPage(call, input, 3);
    const [afterFormat, afterName, afterNamespace] = page.after ?? [];
    const isFirstPage = afterFormat === undefined || afterName === undefined || afterNamespace === undefined;
    const found = await call.deps.storage.packages.list(
      repository.id,
      {
        ...(format !== undefined && { format }),
        ...(namespacePrefix !== undefined && { namespacePrefix }),
        ...(namePrefix !== undefined && { namePrefix }),
        ...(publish !== undefined && { publish }),
        ...(upstream !== undefined && { upstream }),
      },
      {
        ...(!isFirstPage && {
          after: { format: afterFormat, name: afterName, namespace: afterNamespace === '' ? null : afterNamespace },
        }),
        limit: page.limit + 1,
      },
    );
    const { items, nextToken } = closePage(call, page, found, (item) => [item.format, item.name, item.namespace ?? '']);
    return { packages: items.map(summary), nextToken };
  },
};

function summary(record: RepositoryPackage): PackageSummary {
  const { publish, upstream } = record.restrictions;
  return {
    format: record.format as PackageFormat,
    namespace: record.namespace ?? undefined,
    package: record.name,
    originConfiguration: { restrictions: { publish, upstream } },
  };
}
