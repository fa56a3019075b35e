import { type Glob, globMatches } from './glob.ts';
import { PolicyError, shown } from './policy-error.ts';
import { fixedGlob, parseTemplate, type Scope } from './template.ts';

/** Whether an action, in lower case and with its service's prefix, is one of the list. */
export type ActionTest = (action: string) => boolean;

/**
 * Compiles Action or NotAction: `*`, or a service's prefix, a colon and an action in any case, with wildcards in the
 * action only. Throws PolicyError for anything else.
 * Source: AWS IAM user guide, "IAM JSON policy elements: Action".
 */
export function compileActions(actions: readonly string[], element: string, scope: Scope): ActionTest {
  if (actions.some((action) => action === '*' || action === '*:*')) return () => true;
  const literals = new Set<string>();
  const globs: Glob[] = [];
  for (const action of actions) {
    if (!/^[A-Za-z0-9-]+:[A-Za-z0-9_*?-]+$/.test(action))
      throw new PolicyError(
        `${scope.where}: ${element} ${shown(action)} is no action; write the service's prefix, a colon and the action, ` +
          'like codeartifact:ReadFromRepository or codeartifact:Get*',
      );
    const lower = action.toLowerCase();
    const glob = /[*?]/.test(lower) ? fixedGlob(parseTemplate(lower, scope, true)) : undefined;
    if (glob === undefined) literals.add(lower);
    else globs.push(glob);
  }
  return (action) => literals.has(action) || globs.some((glob) => globMatches(glob, action));
}
