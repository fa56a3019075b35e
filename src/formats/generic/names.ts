import { invalid } from '../../core/errors.ts';

/** What names of generic packages are made of. Source: AWS user guide, "Generic packages overview". */
const allowed = /^[\p{Ll}\p{Lm}\p{Lo}\p{Lt}\p{Lu}\p{Nl}\p{Nd}~!@^&()\-_+[\]{};,.`]+$/u;

/** Source: AWS API reference, PublishPackageVersion: code points, the same for all names. */
const maxLength = 255;

/** Throws ValidationException for an asset name that AWS refuses: single spaces inside are the only ones allowed. */
export function checkAssetName(name: string): void {
  if (isPossible(name) && name.split(' ').every((word) => allowed.test(word))) return;
  throw invalid(
    `The asset name '${name}' is not allowed. Use up to ${maxLength} letters, digits and ~ ! @ ^ & ( ) - _ + [ ] { } ; , . with single spaces between, and not '.' or '..'.`,
  );
}

/** The same for a namespace, a package or a version, without spaces. Throws ValidationException. */
export function checkCoordinatePart(part: string, name: string): void {
  if (isPossible(name) && allowed.test(name)) return;
  throw invalid(
    `The ${part} '${name}' is not allowed for generic packages. Use up to ${maxLength} letters, digits and ~ ! @ ^ & ( ) - _ + [ ] { } ; , . and not '.' or '..'.`,
  );
}

function isPossible(name: string): boolean {
  return name !== '.' && name !== '..' && [...name].length <= maxLength;
}
