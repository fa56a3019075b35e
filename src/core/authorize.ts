import type { Caller } from './caller.ts';
import { PackyardError } from './errors.ts';

/** What a caller wants to do to which resource. */
export interface Access {
  /** The action without its service prefix, e.g. `CreateRepository`, `ReadFromRepository`. */
  readonly action: string;
  /** ARN of the resource, or `*` where the action has none. */
  readonly resource: string;
  /** Account that owns the resource. */
  readonly owner: string;
}

/**
 * Decides whether `caller` may do `access`; throws AccessDeniedException with AWS's text when not. It stands in front
 * of every operation and every data-plane request, and runs before anyone looks whether the resource exists.
 *
 * Every caller is an administrator of its own account. Across accounts AWS needs a resource policy that allows it; as
 * long as none can be put, cross-account access is refused.
 */
export function authorize(caller: Caller, access: Access): void {
  if (caller.account === access.owner) return;
  throw new PackyardError(
    'AccessDeniedException',
    `User: ${caller.principal} is not authorized to perform: codeartifact:${access.action} on resource: ` +
      `${access.resource} because no resource-based policy allows the codeartifact:${access.action} action`,
  );
}
