import { createHash } from 'node:crypto';
import { invalid } from '../errors.ts';

const keyArn = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/;
const aliasArn = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):([0-9]{12}):(alias\/[A-Za-z0-9/_-]+)$/;
const alias = /^alias\/[A-Za-z0-9/_-]+$/;
const keyId = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The AWS managed key, which AWS uses when none is given; an account has one in each region. */
const managedKey = 'alias/aws/codeartifact';

/**
 * The key ARN a domain shows for the key it was given: AWS shows a key ARN, never an alias. There is no KMS to ask, so
 * an alias always leads to the same made-up key of its account and region (reference, 2.3; the resolution is ours).
 *
 * Throws ValidationException ENCRYPTION_KEY_ERROR with AWS's text for what cannot name a key.
 */
export function encryptionKeyArn(region: string, account: string, given: string = managedKey): string {
  if (keyArn.test(given)) return given;
  if (keyId.test(given)) return `arn:aws:kms:${region}:${account}:key/${given}`;
  if (alias.test(given)) return aliasedKey(region, account, given);
  const [, aliasRegion, aliasAccount, name] = aliasArn.exec(given) ?? [];
  if (aliasRegion !== undefined && aliasAccount !== undefined && name !== undefined) {
    return aliasedKey(aliasRegion, aliasAccount, name);
  }
  throw invalid(`KMS key not found: ${given}`, 'ENCRYPTION_KEY_ERROR');
}

/** A UUID (version 8, RFC 9562) made from the alias's full name. */
function aliasedKey(region: string, account: string, name: string): string {
  const bytes = createHash('sha256').update(`${region}:${account}:${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const uuid = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return `arn:aws:kms:${region}:${account}:key/${uuid}`;
}
