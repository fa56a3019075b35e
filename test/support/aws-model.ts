import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A shape of AWS's service model, as botocore ships it. */
interface ModelShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, ModelMember>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly payload?: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly error?: { readonly httpStatusCode?: number };
}

export interface ModelMember {
  readonly shape: string;
  readonly location?: 'querystring' | 'header';
  readonly locationName?: string;
  readonly streaming?: boolean;
}

interface ModelOperation {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input: { readonly shape: string };
  readonly output: { readonly shape: string };
  readonly errors: readonly { readonly shape: string }[];
}

export interface ServiceModel {
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

/** What the model says of an answer. */
export interface AnswerParts {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The parsed body; undefined for an empty one, and for bytes. */
  readonly json: unknown;
}

/**
 * AWS's own model of CodeArtifact from the installed botocore; undefined where there is none, so that suites skip
 * visibly. Throws in CI instead: nothing may be skipped there.
 */
export function loadAwsModel(): ServiceModel | undefined {
  let folder: string;
  try {
    const program = 'import botocore, os; print(os.path.dirname(botocore.__file__))';
    folder = execFileSync('python3', ['-c', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    if (process.env['CI']) throw new Error('CI needs botocore for python3: pip install botocore (or awscli)');
    return undefined;
  }
  const file = join(folder, 'data', 'codeartifact', '2018-09-22', 'service-2.json.gz');
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as ServiceModel;
}

// The service writes this one in upper case, against its own model (recordings; Terraform's acceptance tests).
const knownDeviations: ReadonlySet<string> = new Set(['ExternalConnectionStatus AVAILABLE']);

/**
 * Throws, with all that is wrong, when an answer is not what the model allows: unknown or missing members, wrong JSON
 * types, nulls, values outside their enum, pattern or length, an error the operation does not declare or under another
 * status.
 */
export function checkAnswer(model: ServiceModel, operationName: string, { status, headers, json }: AnswerParts): void {
  const problems: string[] = [];
  const operation = model.operations[operationName];
  if (operation === undefined) throw new Error(`AWS's model has no operation ${operationName}.`);
  if (!headers['x-amzn-requestid']) problems.push('header x-amzn-requestid is missing');
  if (status === (operation.http.responseCode ?? 200)) {
    checkOutput(model, operation.output.shape, headers, json, problems);
  } else {
    checkError(model, operation, { status, headers, json }, problems);
  }
  if (problems.length > 0)
    throw new Error(`${operationName} answered ${status} against AWS's model: ${problems.join('; ')}`);
}

function checkOutput(
  model: ServiceModel,
  shapeName: string,
  headers: AnswerParts['headers'],
  json: unknown,
  problems: string[],
): void {
  const shape = shapeOf(model, shapeName);
  const bodyMembers: Record<string, ModelMember> = {};
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    if (member.location === 'header') {
      const value = headers[(member.locationName ?? name).toLowerCase()];
      if (value !== undefined) check(model, member.shape, value, name, problems);
    } else if (shape.payload !== name) {
      bodyMembers[name] = member;
    }
  }
  if (shape.payload !== undefined) {
    if (json !== undefined) problems.push('the body is JSON, not the payload');
    return;
  }
  if (json === undefined && Object.keys(bodyMembers).length === 0) return;
  if (headers['content-type'] !== 'application/json') problems.push(`content-type is ${headers['content-type']}`);
  checkMembers(model, { ...shape, members: bodyMembers }, json, shapeName, problems);
}

function checkError(
  model: ServiceModel,
  operation: ModelOperation,
  { status, headers, json }: AnswerParts,
  problems: string[],
): void {
  const code = headers['x-amzn-errortype'] ?? '';
  if (!operation.errors.some((error) => error.shape === code)) {
    problems.push(`error '${code}' is not declared`);
    return;
  }
  const shape = shapeOf(model, code);
  if (shape.error?.httpStatusCode !== status) problems.push(`${code} has status ${shape.error?.httpStatusCode}`);
  const members = Object.entries(shape.members ?? {}).filter(([, member]) => member.location !== 'header');
  checkMembers(model, { ...shape, members: Object.fromEntries(members) }, json, code, problems);
}

function checkMembers(model: ServiceModel, shape: ModelShape, json: unknown, path: string, problems: string[]): void {
  if (!isObject(json)) {
    problems.push(`${path} is not an object`);
    return;
  }
  const members = shape.members ?? {};
  for (const name of shape.required ?? []) {
    if (!Object.hasOwn(json, name)) problems.push(`${path}.${name} is missing`);
  }
  for (const [name, value] of Object.entries(json)) {
    const member = members[name];
    if (member === undefined) problems.push(`${path}.${name} is not in the model`);
    else check(model, member.shape, value, `${path}.${name}`, problems);
  }
}

const jsonTypes: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  long: 'number',
  timestamp: 'number',
  boolean: 'boolean',
};

function check(model: ServiceModel, shapeName: string, value: unknown, path: string, problems: string[]): void {
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'structure') {
    checkMembers(model, shape, value, path, problems);
    return;
  }
  if (shape.type === 'list') {
    if (!Array.isArray(value)) problems.push(`${path} is not a list`);
    else
      for (const [index, item] of value.entries())
        check(model, shape.member?.shape ?? '', item, `${path}[${index}]`, problems);
    return;
  }
  if (shape.type === 'map') {
    if (!isObject(value)) problems.push(`${path} is not an object`);
    else {
      for (const [key, item] of Object.entries(value)) {
        check(model, shape.key?.shape ?? '', key, `${path} key ${key}`, problems);
        check(model, shape.value?.shape ?? '', item, `${path}.${key}`, problems);
      }
    }
    return;
  }
  if (typeof value !== jsonTypes[shape.type]) {
    problems.push(`${path} is ${JSON.stringify(value)}, not a ${shape.type}`);
    return;
  }
  if (typeof value === 'string') checkText(shapeName, shape, value, path, problems);
}

function checkText(shapeName: string, shape: ModelShape, value: string, path: string, problems: string[]): void {
  if (knownDeviations.has(`${shapeName} ${value}`)) return;
  const length = [...value].length;
  if (shape.enum !== undefined && !shape.enum.includes(value)) problems.push(`${path} is '${value}', not in the enum`);
  if (length < (shape.min ?? 0) || length > (shape.max ?? length)) problems.push(`${path} has length ${length}`);
  const pattern = shape.pattern?.replaceAll('\\p{IsWhitespace}', '\\p{White_Space}');
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)) {
    problems.push(`${path} is '${value}', against its pattern`);
  }
}

function shapeOf(model: ServiceModel, name: string): ModelShape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`AWS's model has no shape ${name}.`);
  return shape;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
