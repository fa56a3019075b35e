import { PolicyError, shown } from './policy-error.ts';

/** A document whose outer shape is right. What the statements say is checked when they are compiled. */
export interface PolicyDocument {
  /** Whether it is of Version 2012-10-17, where `${…}` means something. */
  readonly hasVariables: boolean;
  readonly statements: readonly Readonly<Record<string, unknown>>[];
}

/** The most AWS takes for any policy: 20 KB, of an S3 bucket. Who keeps policies has limits of its own. */
const maxCharacters = 20_480;
/** Document, statements, statement, condition, operator, values; and one more for what the checks shall complain about. */
const maxDepth = 7;
const jsonTypes = ['string', 'number', 'boolean'];
const documentElements = ['Version', 'Id', 'Statement'];

/**
 * Reads a policy document: JSON text, or what JSON text was parsed to. Throws PolicyError.
 * Source: AWS IAM user guide, "Grammar of the IAM JSON policy language".
 */
export function readDocument(source: unknown): PolicyDocument {
  const document = typeof source === 'string' ? parse(source) : source;
  checkSize(document);
  if (!isObject(document)) throw new PolicyError('The policy must be a JSON object with Version and Statement');
  for (const name of Object.keys(document))
    if (!documentElements.includes(name))
      throw new PolicyError(
        `The policy has the unknown element ${shown(name)}; known are ${documentElements.join(', ')}`,
      );
  const { Version: version = '2008-10-17', Id: id, Statement: statement } = document;
  if (version !== '2012-10-17' && version !== '2008-10-17')
    throw new PolicyError(`The policy's Version ${shown(version)} is unknown; write 2012-10-17`);
  if (id !== undefined && typeof id !== 'string') throw new PolicyError(`The policy's Id ${shown(id)} must be a text`);
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined || statements.length === 0)
    throw new PolicyError('The policy has no Statement; write at least one');
  return {
    hasVariables: version === '2012-10-17',
    statements: statements.map((item, index) => {
      if (isObject(item)) return item;
      throw new PolicyError(`Statement ${index + 1} is ${shown(item)}; it must be an object with Effect and Action`);
    }),
  };
}

function parse(text: string): unknown {
  if (text.length > maxCharacters) throw tooLong();
  try {
    return JSON.parse(text);
  } catch {
    throw new PolicyError('The policy is no JSON; check its quotes, commas and braces');
  }
}

/** What is checked here may have been made of YAML, whose aliases may repeat an object without end. */
function checkSize(document: unknown): void {
  let characters = 0;
  const visit = (value: unknown, depth: number): void => {
    characters += typeof value === 'string' ? value.length + 3 : 1;
    if (characters > maxCharacters) throw tooLong();
    if (!isJson(value)) throw new PolicyError('The policy holds a value that JSON does not have; write it as JSON');
    if (typeof value !== 'object' || value === null) return;
    if (depth === maxDepth) throw new PolicyError('The policy is nested too deeply; it has no element of that depth');
    if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else
      for (const [name, item] of Object.entries(value)) {
        characters += name.length + 3;
        visit(item, depth + 1);
      }
  };
  visit(document, 0);
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return value === null || jsonTypes.includes(typeof value);
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function tooLong(): PolicyError {
  return new PolicyError(`The policy is longer than ${maxCharacters} characters; divide it`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
