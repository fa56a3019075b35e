import type {
  DeleteDomainPermissionsPolicyRequest,
  DeleteDomainPermissionsPolicyResult,
  DeleteRepositoryPermissionsPolicyRequest,
  DeleteRepositoryPermissionsPolicyResult,
  GetDomainPermissionsPolicyRequest,
  GetDomainPermissionsPolicyResult,
  GetRepositoryPermissionsPolicyRequest,
  GetRepositoryPermissionsPolicyResult,
  PutDomainPermissionsPolicyRequest,
  PutDomainPermissionsPolicyResult,
  PutRepositoryPermissionsPolicyRequest,
  PutRepositoryPermissionsPolicyResult,
} from '@aws-sdk/client-codeartifact';
import { deletePolicy, getPolicy, putPolicy } from '../../core/control/resource-policies.ts';
import type { Call } from '../messages.ts';
import { domainName, repositoryName } from './names.ts';
import type { Checked } from './types.ts';

export const policyHandlers = {
  async GetDomainPermissionsPolicy(
    call: Call,
    input: Checked<GetDomainPermissionsPolicyRequest>,
  ): Promise<GetDomainPermissionsPolicyResult> {
    return { policy: await getPolicy(call.deps, domainName(call, input)) };
  },

  async PutDomainPermissionsPolicy(
    call: Call,
    input: Checked<PutDomainPermissionsPolicyRequest>,
  ): Promise<PutDomainPermissionsPolicyResult> {
    const { policyDocument, policyRevision } = input;
    return { policy: await putPolicy(call.deps, domainName(call, input), policyDocument, policyRevision) };
  },

  async DeleteDomainPermissionsPolicy(
    call: Call,
    input: Checked<DeleteDomainPermissionsPolicyRequest>,
  ): Promise<DeleteDomainPermissionsPolicyResult> {
    return { policy: await deletePolicy(call.deps, domainName(call, input), input.policyRevision) };
  },

  async GetRepositoryPermissionsPolicy(
    call: Call,
    input: Checked<GetRepositoryPermissionsPolicyRequest>,
  ): Promise<GetRepositoryPermissionsPolicyResult> {
    return { policy: await getPolicy(call.deps, repositoryName(call, input)) };
  },

  async PutRepositoryPermissionsPolicy(
    call: Call,
    input: Checked<PutRepositoryPermissionsPolicyRequest>,
  ): Promise<PutRepositoryPermissionsPolicyResult> {
    const { policyDocument, policyRevision } = input;
    return { policy: await putPolicy(call.deps, repositoryName(call, input), policyDocument, policyRevision) };
  },

  async DeleteRepositoryPermissionsPolicy(
    call: Call,
    input: Checked<DeleteRepositoryPermissionsPolicyRequest>,
  ): Promise<DeleteRepositoryPermissionsPolicyResult> {
    return { policy: await deletePolicy(call.deps, repositoryName(call, input), input.policyRevision) };
  },
};
