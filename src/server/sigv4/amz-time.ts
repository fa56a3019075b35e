/** A time as signatures have it. */
export interface AmzTime {
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly text: string;
  /** Since epoch. */
  readonly ms: number;
}

/** Reads ISO 8601's basic format; undefined for anything else, and for dates that no calendar has. */
export function parseAmzTime(text: string): AmzTime | undefined {
  const shape = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (shape === null) return undefined;
  const [year = 0, month = 0, ...rest] = shape.slice(1).map(Number);
  const ms = Date.UTC(year, month - 1, ...rest);
  return amzTime(ms).text === text ? { text, ms } : undefined;
}

/** Reads the form of HTTP's `Date` header: `Thu, 26 Nov 2026 04:00:00 GMT`; botocore writes `-0000` at its end. */
export function parseHttpTime(text: string): AmzTime | undefined {
  if (!/^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]0000)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : amzTime(ms);
}

export function amzTime(ms: number): AmzTime {
  return { text: new Date(ms).toISOString().replace(/[-:]|\.\d+/g, ''), ms };
}
