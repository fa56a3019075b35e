import { constraints, memberExceptions, memberTypes } from './constraints.ts';
import { structures } from './operations.generated.ts';
import type { Location, Shape } from './shapes.ts';

/** A pattern with the text AWS shows for it. */
interface Pattern {
  readonly text: string;
  readonly expression: RegExp;
}

/** A shape joined with its constraints: all that is needed to check a value, made ready at start-up. */
export type Rule =
  | StringRule
  | { readonly kind: 'number'; readonly min: number | undefined; readonly max: number | undefined }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'stream' }
  | { readonly kind: 'list'; readonly max: number | undefined; readonly element: Rule }
  | { readonly kind: 'map'; readonly key: StringRule; readonly value: Rule }
  | { readonly kind: 'structure'; readonly members: readonly MemberRule[] };

export interface StringRule {
  readonly kind: 'string';
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly pattern: Pattern | undefined;
  readonly values: readonly string[] | undefined;
}

interface MemberRule {
  readonly name: string;
  readonly required: boolean;
  readonly rule: Rule;
}

export interface InputRule extends MemberRule {
  readonly in: Location;
  readonly wire: string;
}

/** The named type of an operation's input member; undefined where the model constrains nothing. */
export function inputType(operation: string, member: string): string | undefined {
  return memberExceptions[`${operation}.${member}`] ?? memberTypes[member];
}

/**
 * Joins a shape with the constraints of its named type.
 *
 * Throws when the tables have a shape that inputs cannot have, which is a fault of the tables.
 */
export function compileRule(shape: Shape, typeName: string | undefined): Rule {
  const constraint = typeName === undefined ? {} : (constraints[typeName] ?? {});
  const { min, max } = constraint;
  if (shape === 'string') return stringRule(typeName);
  if (shape === 'number') return { kind: 'number', min, max };
  if (shape === 'boolean' || shape === 'stream') return { kind: shape };
  if (shape === 'timestamp') throw new Error('No input of the service is a timestamp.');
  if ('list' in shape) return { kind: 'list', max, element: compileRule(shape.list, constraint.element) };
  if ('map' in shape) {
    return { kind: 'map', key: stringRule(constraint.key), value: compileRule(shape.map, constraint.value) };
  }
  return structureRule(shape.structure);
}

function structureRule(structure: string): Rule {
  const members = (structures[structure] ?? []).map(({ name, type, required }) => ({
    name,
    required,
    rule: compileRule(type, inputType(structure, name)),
  }));
  return { kind: 'structure', members };
}

function stringRule(typeName: string | undefined): StringRule {
  const { min, max, pattern, values } = typeName === undefined ? {} : (constraints[typeName] ?? {});
  return { kind: 'string', min, max, values, pattern: pattern === undefined ? undefined : compilePattern(pattern) };
}

/** Patterns are the model's, for Java, and are matched against the whole value. */
function compilePattern(text: string): Pattern {
  const source = text.replaceAll('\\p{IsWhitespace}', '\\p{White_Space}');
  return { text, expression: new RegExp(`^(?:${source})$`, 'u') };
}
