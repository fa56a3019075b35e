import type {
  AssociateExternalConnectionRequest,
  AssociateExternalConnectionResult,
  CreateRepositoryRequest,
  CreateRepositoryResult,
  DeleteRepositoryRequest,
  DeleteRepositoryResult,
  DescribeRepositoryRequest,
  DescribeRepositoryResult,
  DisassociateExternalConnectionRequest,
  DisassociateExternalConnectionResult,
  GetRepositoryEndpointRequest,
  GetRepositoryEndpointResult,
  UpdateRepositoryRequest,
  UpdateRepositoryResult,
} from '@aws-sdk/client-codeartifact';
import { associateExternalConnection } from '../../core/control/associate-external-connection.ts';
import { createRepository } from '../../core/control/create-repository.ts';
import { deleteRepository } from '../../core/control/delete-repository.ts';
import { disassociateExternalConnection } from '../../core/control/disassociate-external-connection.ts';
import { findRepository } from '../../core/control/find.ts';
import { describeRepository } from '../../core/control/repository-details.ts';
import { updateRepository } from '../../core/control/update-repository.ts';
import type { Call } from '../messages.ts';
import { repositoryName } from './names.ts';
import { repositoryDescription } from './repository-descriptions.ts';
import type { Checked } from './types.ts';

export const repositoryHandlers = {
  async CreateRepository(call: Call, input: Checked<CreateRepositoryRequest>): Promise<CreateRepositoryResult> {
    const details = await createRepository(call.deps, call.request.caller, repositoryName(call, input), {
      description: input.description,
      upstreams: upstreamNames(input.upstreams),
      tags: input.tags,
    });
    return { repository: repositoryDescription(details) };
  },

  async DescribeRepository(call: Call, input: Checked<DescribeRepositoryRequest>): Promise<DescribeRepositoryResult> {
    const details = await describeRepository(call.deps.storage, repositoryName(call, input));
    return { repository: repositoryDescription(details) };
  },

  async UpdateRepository(call: Call, input: Checked<UpdateRepositoryRequest>): Promise<UpdateRepositoryResult> {
    const details = await updateRepository(call.deps, repositoryName(call, input), {
      description: input.description,
      upstreams: upstreamNames(input.upstreams),
    });
    return { repository: repositoryDescription(details) };
  },

  async DeleteRepository(call: Call, input: Checked<DeleteRepositoryRequest>): Promise<DeleteRepositoryResult> {
    const details = await deleteRepository(call.deps, repositoryName(call, input));
    return { repository: repositoryDescription(details) };
  },

  async AssociateExternalConnection(
    call: Call,
    input: Checked<AssociateExternalConnectionRequest>,
  ): Promise<AssociateExternalConnectionResult> {
    const name = repositoryName(call, input);
    const details = await associateExternalConnection(call.deps, name, input.externalConnection);
    return { repository: repositoryDescription(details) };
  },

  async DisassociateExternalConnection(
    call: Call,
    input: Checked<DisassociateExternalConnectionRequest>,
  ): Promise<DisassociateExternalConnectionResult> {
    const name = repositoryName(call, input);
    const details = await disassociateExternalConnection(call.deps, name, input.externalConnection);
    return { repository: repositoryDescription(details) };
  },

  async GetRepositoryEndpoint(
    call: Call,
    input: Checked<GetRepositoryEndpointRequest>,
  ): Promise<GetRepositoryEndpointResult> {
    const name = repositoryName(call, input);
    await findRepository(call.deps.storage, name);
    return { repositoryEndpoint: call.request.endpoint(name, input.format) };
  },
};

function upstreamNames(upstreams: readonly { readonly repositoryName: string }[] | undefined): string[] | undefined {
  return upstreams?.map((upstream) => upstream.repositoryName);
}
