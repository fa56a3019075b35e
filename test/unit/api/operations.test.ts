import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { constraints, memberExceptions, memberTypes, resourceKinds } from '../../../src/api/constraints.ts';
import { handlers } from '../../../src/api/handlers/index.ts';
import { operationShapes, structures } from '../../../src/api/operations.generated.ts';
import { operations, route } from '../../../src/api/operations.ts';
import { inputType } from '../../../src/api/rules.ts';
import type { Location, Shape } from '../../../src/api/shapes.ts';
import { loadAwsModel, type ModelMember, type ServiceModel } from '../../support/aws-model.ts';

const model = loadAwsModel();

describe('the operation table', () => {
  it('has all 48 operations, sorted by name, each with a route of its own', () => {
    const names = operationShapes.map(({ name }) => name);
    expect(names).toHaveLength(48);
    expect(names).toEqual([...names].sort());
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(48);
    for (const operation of operations) expect(route(operation.method, operation.path)).toBe(operation);
  });

  it('is what the script makes of the AWS SDK', () => {
    const script = new URL('../../../scripts/generate-operations.ts', import.meta.url).pathname;
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });

  it.each([
    ['GET', '/v1/nothing'],
    ['PATCH', '/v1/domain'],
    ['GET', '/v1/domain/'],
    ['GET', '/'],
  ])('knows no %s %s', (method, path) => {
    expect(() => route(method, path)).toThrow(
      expect.objectContaining({ code: 'ValidationException', status: 404, reason: 'UNKNOWN_OPERATION' }),
    );
  });

  it('has a handler for every operation, and none beside', () => {
    expect(operations.map(({ name }) => name).filter((name) => !handlers.has(name))).toEqual([]);
    expect([...handlers.keys()].filter((name) => !operations.some((operation) => operation.name === name))).toEqual([]);
  });
});

describe.skipIf(model === undefined)("the tables against botocore's model", () => {
  const aws = model as ServiceModel;

  it('agree on names, methods, paths and status', () => {
    const expected = Object.values(aws.operations).map(({ name, http }) => ({
      name,
      method: http.method,
      path: http.requestUri,
      status: http.responseCode ?? 200,
    }));
    const ours = operationShapes.map(({ name, method, path, status }) => ({ name, method, path, status }));
    expect(ours).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it.each(operationShapes)('agree on where the members of $name travel, and on their types', (operation) => {
    const { input, output } = aws.operations[operation.name] ?? { input: { shape: '' }, output: { shape: '' } };
    for (const [ours, shapeName] of [
      [operation.input, input.shape],
      [operation.output, output.shape],
    ] as const) {
      const shape = aws.shapes[shapeName];
      const expected = Object.entries(shape?.members ?? {}).map(([name, member]) => ({
        name,
        in: locationOf(member, name === shape?.payload),
        wire: member.location === undefined ? name : member.locationName,
        type: typeOf(aws, member.shape),
        required: shape?.required?.includes(name) ?? false,
      }));
      expect(byName(ours)).toEqual(byName(expected));
    }
  });

  it.each(Object.keys(structures))('agree on the structure %s', (name) => {
    const shape = aws.shapes[name];
    const expected = Object.entries(shape?.members ?? {}).map(([member, { shape: type }]) => ({
      name: member,
      type: typeOf(aws, type),
      required: shape?.required?.includes(member) ?? false,
    }));
    expect(byName(structures[name] ?? [])).toEqual(byName(expected));
  });

  it('agree on every length, pattern and enum of every input member', () => {
    const used = new Set<string>();
    for (const { name, input } of Object.values(aws.operations)) {
      for (const [member, { shape }] of Object.entries(aws.shapes[input.shape]?.members ?? {})) {
        expectConstraint(aws, used, inputType(name, member), shape, `${name}.${member}`);
      }
    }
    expect(Object.keys(constraints).filter((type) => !used.has(type))).toEqual([]);
  });

  it('name no member that the model does not have', () => {
    const members = Object.values(aws.operations).flatMap(({ input }) =>
      Object.keys(aws.shapes[input.shape]?.members ?? {}),
    );
    expect(Object.keys(memberTypes).filter((member) => !members.includes(member))).toEqual([]);
    const owners = Object.keys(memberExceptions).map((path) => path.split('.')[0] ?? '');
    expect(owners.filter((owner) => !(owner in aws.operations) && !(owner in aws.shapes))).toEqual([]);
    expect(Object.keys(resourceKinds).sort()).toEqual(Object.keys(aws.operations).sort());
  });
});

function expectConstraint(
  aws: ServiceModel,
  used: Set<string>,
  type: string | undefined,
  shapeName: string,
  path: string,
): void {
  const shape = aws.shapes[shapeName];
  const ours = type === undefined ? undefined : constraints[type];
  if (type !== undefined && ours !== undefined) used.add(type);
  if (shape === undefined) throw new Error(`no shape ${shapeName}`);
  const expected = { min: shape.min, max: shape.max, pattern: shape.pattern, values: shape.enum };
  if (shape.type !== 'structure') {
    const { min, max, pattern, values } = ours ?? {};
    expect({ path, min, max, pattern, values }).toEqual({ path, ...expected });
  }
  if (shape.member !== undefined) {
    expectConstraint(aws, used, ours?.element, shape.member.shape, `${path}[]`);
  }
  if (shape.key !== undefined && shape.value !== undefined) {
    expectConstraint(aws, used, ours?.key, shape.key.shape, `${path} keys`);
    expectConstraint(aws, used, ours?.value, shape.value.shape, `${path} values`);
  }
  for (const [member, { shape: memberShape }] of Object.entries(shape.members ?? {})) {
    expectConstraint(aws, used, inputType(shapeName, member), memberShape, `${path}.${member}`);
  }
}

function locationOf(member: ModelMember, isPayload: boolean): Location {
  if (isPayload) return 'payload';
  if (member.location === 'querystring') return 'query';
  return member.location ?? 'body';
}

function typeOf(aws: ServiceModel, name: string): Shape {
  const shape = aws.shapes[name];
  switch (shape?.type) {
    case 'integer':
    case 'long':
      return 'number';
    case 'blob':
      return 'stream';
    case 'list':
      return { list: typeOf(aws, shape.member?.shape ?? '') };
    case 'map':
      return { map: typeOf(aws, shape.value?.shape ?? '') };
    case 'structure':
      return { structure: name };
    case 'string':
    case 'boolean':
    case 'timestamp':
      return shape.type;
    default:
      throw new Error(`no type for ${name}`);
  }
}

function byName<T extends { readonly name: string }>(members: readonly T[]): T[] {
  return [...members].sort((a, b) => (a.name < b.name ? -1 : 1));
}
