const w3cDate =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?)?)?$/;

/**
 * A moment in milliseconds since 1970, of the forms a date condition takes: W3C's of ISO 8601 (`2026`, `2026-11`,
 * `2026-11-26`, `2026-11-26T04:00Z`, `2026-11-26T04:00:00.5+01:00`), or seconds since 1970. Four digits are a year.
 * Undefined for anything else. Source: AWS IAM user guide, "Date condition operators".
 */
export function parseDate(text: string): number | undefined {
  const [, year, month, day] = w3cDate.exec(text) ?? [];
  if (year === undefined) return /^-?\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) * 1000 : undefined;
  if (day !== undefined && Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : moment;
}
