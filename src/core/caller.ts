/** Who asks, as far as the credentials say. */
export interface Caller {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** ARN of the principal. */
  readonly principal: string;
}
