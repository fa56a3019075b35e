/** What a resource in an error is; the words are AWS's `ResourceType`. */
export type ResourceType = 'domain' | 'repository' | 'package' | 'package-version' | 'asset';

/** Why input was refused; the words are AWS's `ValidationExceptionReason`. */
export type ValidationReason =
  | 'CANNOT_PARSE'
  | 'ENCRYPTION_KEY_ERROR'
  | 'FIELD_VALIDATION_FAILED'
  | 'UNKNOWN_OPERATION'
  | 'OTHER';

/** Every kind of error with its HTTP status. The first seven are those of AWS's model. */
const errorStatus = {
  ValidationException: 400,
  ServiceQuotaExceededException: 402,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  ThrottlingException: 429,
  InternalServerException: 500,
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 400,
  InvalidSignatureException: 403,
  UnrecognizedClientException: 403,
  ExpiredTokenException: 403,
  MalformedPolicyDocumentException: 400,
  PackedPolicyTooLargeException: 400,
  UnauthorizedException: 401,
  MethodNotAllowedException: 405,
  PayloadTooLargeException: 413,
  BadGatewayException: 502,
  ServiceUnavailableException: 503,
} as const;

export type ErrorCode = keyof typeof errorStatus;

interface ErrorDetails {
  readonly resourceType?: ResourceType;
  readonly resourceId?: string;
  readonly reason?: ValidationReason;
  /** When to come again, a whole number; it travels as the header Retry-After. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
  /** Answer with this status instead of the code's own. */
  readonly status?: number;
}

/**
 * An error a user should see: what happened, to which thing, what to do next. Anything else that is thrown is a fault
 * of ours and shows as InternalServerException.
 */
export class PackyardError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly resourceType: ResourceType | undefined;
  readonly resourceId: string | undefined;
  readonly reason: ValidationReason | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = code;
    this.code = code;
    this.status = details.status ?? errorStatus[code];
    this.resourceType = details.resourceType;
    this.resourceId = details.resourceId;
    this.reason = details.reason;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/**
 * What holds the data cannot be used right now. The message is for the log; whoever asked is told to come again:
 * `shownError`.
 */
export class StoreUnavailable extends Error {}

/** What is shown to whoever asked, of anything that was thrown: nothing of our inside. */
export function shownError(error: unknown): PackyardError {
  if (error instanceof PackyardError) return error;
  if (error instanceof StoreUnavailable) {
    const message = 'The server cannot reach its storage. Try again in a moment.';
    return new PackyardError('ServiceUnavailableException', message, { cause: error });
  }
  const message = 'The service failed to answer this request. See its log.';
  return new PackyardError('InternalServerException', message, { cause: error });
}

/** AWS's text, from recordings of the service. */
export function domainNotFound(domain: string, owner: string): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    `Domain not found. Domain '${domain}' owned by account '${owner}' does not exist.`,
    { resourceType: 'domain', resourceId: domain },
  );
}

/** AWS's text, from recordings of the service. */
export function repositoryNotFound(repository: string, domain: string, owner: string): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    `Repository not found. Repository '${repository}' in domain '${domain}' owned by account '${owner}' does not exist.`,
    { resourceType: 'repository', resourceId: repository },
  );
}

/** AWS's text, from recordings of the service. `name` is the name as the format shows it. */
export function packageNotFound(format: string, name: string, repository: string): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    `The ${format} package '${name}' does not exist in repository '${repository}'.`,
    { resourceType: 'package', resourceId: name },
  );
}

export function versionNotFound(format: string, name: string, version: string, repository: string): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    `Version '${version}' of the ${format} package '${name}' does not exist in repository '${repository}'.`,
    { resourceType: 'package-version', resourceId: version },
  );
}

export function assetNotFound(asset: string, name: string, version: string): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    `Asset '${asset}' of version '${version}' of package '${name}' does not exist or cannot be downloaded.`,
    { resourceType: 'asset', resourceId: asset },
  );
}

/** Input that is well formed but against a rule. */
export function invalid(message: string, reason: ValidationReason = 'OTHER'): PackyardError {
  return new PackyardError('ValidationException', message, { reason });
}

export function conflict(message: string, resourceType: ResourceType, resourceId: string): PackyardError {
  return new PackyardError('ConflictException', message, { resourceType, resourceId });
}

export function quotaExceeded(message: string, resourceType: ResourceType, resourceId: string): PackyardError {
  return new PackyardError('ServiceQuotaExceededException', message, { resourceType, resourceId });
}
