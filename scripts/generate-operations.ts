/**
 * Writes src/api/operations.generated.ts from the schemas that the AWS SDK's CodeArtifact client carries: every
 * operation's name, method, path, status and where each member travels. The SDK knows neither lengths, patterns and
 * enums (src/api/constraints.ts) nor which errors an operation declares.
 *
 * node scripts/generate-operations.ts           writes the file
 * node scripts/generate-operations.ts --check   exits 1 when the checked-in file differs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as sdk from '@aws-sdk/client-codeartifact';
import type { LocatedMember, MemberShape, OperationShape, Shape } from '../src/api/shapes.ts';

const target = new URL('../src/api/operations.generated.ts', import.meta.url);

// A static schema is an array whose first item is its kind, or a number for a simple type (Smithy's TypeScript
// schemas: 0 string, 1 number, 2 boolean, 4 timestamp, 42 streaming bytes; +64 list of, +128 map of).
const kinds = { simple: 0, list: 1, map: 2, structure: 3, operation: 9 };
const simpleTypes: Readonly<Record<number, Shape>> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  42: 'stream',
};
const payloadTrait = 16;

type Schema = readonly unknown[];

const structures = new Map<string, readonly MemberShape[]>();

function isSchema(value: unknown): value is Schema {
  return Array.isArray(value);
}

/** A reference may be a function that gives the schema. */
function resolve(reference: unknown): unknown {
  return typeof reference === 'function' ? reference() : reference;
}

function shapeOf(reference: unknown): Shape {
  const schema = resolve(reference);
  if (typeof schema === 'number') {
    if (schema >= 128) return { map: shapeOf(schema - 128) };
    if (schema >= 64) return { list: shapeOf(schema - 64) };
    const simple = simpleTypes[schema];
    if (simple !== undefined) return simple;
  }
  if (isSchema(schema)) {
    if (schema[0] === kinds.simple && isStreaming(schema)) return 'stream';
    if (schema[0] === kinds.simple) return shapeOf(schema[4]);
    if (schema[0] === kinds.list) return { list: shapeOf(schema[4]) };
    if (schema[0] === kinds.map) return { map: shapeOf(schema[5]) };
    if (schema[0] === kinds.structure) {
      addStructure(schema);
      return { structure: String(schema[2]) };
    }
  }
  throw new Error(`The SDK has a schema this script does not know: ${JSON.stringify(schema)}`);
}

function isStreaming(schema: Schema): boolean {
  const traits = schema[3];
  return typeof traits === 'object' && traits !== null && 'streaming' in traits;
}

function addStructure(schema: Schema): void {
  const name = String(schema[2]);
  if (structures.has(name)) return;
  structures.set(name, []);
  structures.set(
    name,
    membersOf(schema).map(({ name, type, required }) => ({ name, type, required })),
  );
}

/** Required members come first in a structure's schema; the seventh item says how many they are. */
function membersOf(schema: Schema): LocatedMember[] {
  const names = schema[4] as readonly string[];
  const references = schema[5] as readonly unknown[];
  const requiredCount = typeof schema[6] === 'number' ? schema[6] : 0;
  return names.map((name, index) => {
    const reference = references[index];
    const [target, traits] = isSchema(reference) && reference.length === 2 ? reference : [reference, 0];
    return { name, ...location(name, traits), type: shapeOf(target), required: index < requiredCount };
  });
}

function location(name: string, traits: unknown): Pick<LocatedMember, 'in' | 'wire'> {
  if (typeof traits === 'object' && traits !== null) {
    if ('httpQuery' in traits) return { in: 'query', wire: String(traits.httpQuery) };
    if ('httpHeader' in traits) return { in: 'header', wire: String(traits.httpHeader) };
  }
  return { in: traits === payloadTrait ? 'payload' : 'body', wire: name };
}

function readOperations(): OperationShape[] {
  const operations: OperationShape[] = [];
  for (const schema of Object.values<unknown>(sdk)) {
    if (!isSchema(schema) || schema[0] !== kinds.operation) continue;
    const { http } = schema[3] as { readonly http: readonly [method: string, path: string, status: number] };
    const [method, path, status] = http;
    operations.push({
      name: String(schema[2]),
      method,
      path,
      status,
      input: membersOf(resolve(schema[4]) as Schema),
      output: membersOf(resolve(schema[5]) as Schema),
    });
  }
  return operations.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, item]) => `${key}: ${literal(item)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function lines(indent: string, values: readonly unknown[]): string {
  if (values.length === 0) return '[]';
  const end = indent.slice(2);
  return `[\n${values.map((value) => `${indent}${literal(value)},\n`).join('')}${end}]`;
}

function render(operations: readonly OperationShape[]): string {
  const operationTexts = operations.map(
    ({ input, output, ...head }) =>
      `  {\n${Object.entries(head)
        .map(([key, value]) => `    ${key}: ${literal(value)},\n`)
        .join('')}    input: ${lines('      ', input)},\n    output: ${lines('      ', output)},\n  },\n`,
  );
  const structureTexts = [...structures]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => `  ${name}: ${lines('    ', members)},\n`);
  return [
    '// Written by scripts/generate-operations.ts from the schemas of @aws-sdk/client-codeartifact. Do not edit.\n',
    "import type { MemberShape, OperationShape } from './shapes.ts';\n\n",
    `export const operationShapes: readonly OperationShape[] = [\n${operationTexts.join('')}];\n\n`,
    `export const structures: Readonly<Record<string, readonly MemberShape[]>> = {\n${structureTexts.join('')}};\n`,
  ].join('');
}

function checkedIn(): string {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return '';
  }
}

const text = render(readOperations());
if (process.argv.includes('--check')) {
  if (checkedIn() !== text) {
    process.stderr.write(
      'src/api/operations.generated.ts differs from the AWS SDK: run `node scripts/generate-operations.ts`.\n',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
