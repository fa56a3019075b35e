/** Tokens of ours wherever they stand (`npm logout` puts one into the path), and what a presigned address carries. */
const secrets =
  /eyJ[\w-]{5,}\.[\w-]+\.[\w-]*|(?<=X-Amz-(?:Signature|Security-Token)=)[^&]+|(?<=\/-\/user\/token\/)[^/?]+/gi;

/** A text that may be logged or shown: secrets in it are replaced by `…`. */
export function redact(text: string): string {
  return text.replace(secrets, '…');
}
