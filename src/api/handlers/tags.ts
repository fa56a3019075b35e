import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  TagResourceRequest,
  TagResourceResult,
  UntagResourceRequest,
  UntagResourceResult,
} from '@aws-sdk/client-codeartifact';
import { listTags, tagResource, untagResource } from '../../core/control/tags.ts';
import type { Call } from '../messages.ts';
import type { Checked } from './types.ts';

export const tagHandlers = {
  async ListTagsForResource(
    call: Call,
    input: Checked<ListTagsForResourceRequest>,
  ): Promise<ListTagsForResourceResult> {
    return { tags: await listTags(call.deps, call.request.caller, input.resourceArn) };
  },

  async TagResource(call: Call, input: Checked<TagResourceRequest>): Promise<TagResourceResult> {
    await tagResource(call.deps, call.request.caller, input.resourceArn, input.tags);
    return {};
  },

  async UntagResource(call: Call, input: Checked<UntagResourceRequest>): Promise<UntagResourceResult> {
    await untagResource(call.deps, call.request.caller, input.resourceArn, input.tagKeys);
    return {};
  },
};
