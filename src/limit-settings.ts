import { z } from 'zod';
import { nearestName } from './nearest-name.ts';

/**
 * The shape of a setting that changes some of many numbers: a map of their names to whole numbers from 1, or to the
 * digits of one. It gives all of them. `kind` is what one of them is called in messages.
 */
export function changesOf<Numbers extends object>(kind: string, defaults: Numbers) {
  const names = Object.keys(defaults);
  return z
    .record(z.string(), z.unknown(), { error: `must map names of ${kind}s to whole numbers` })
    .transform((given, context): Numbers => {
      const changes = new Map<string, number>();
      for (const [name, value] of Object.entries(given)) {
        const number = wholeNumber(value);
        if (!names.includes(name)) {
          const message = `unknown ${kind} '${name}'; did you mean '${nearestName(name, names)}'?`;
          context.addIssue({ code: 'custom', message });
        } else if (number === undefined) {
          context.addIssue({ code: 'custom', message: `${name} must be a whole number from 1` });
        } else {
          changes.set(name, number);
        }
      }
      return { ...defaults, ...Object.fromEntries(changes) };
    })
    .prefault({});
}

function wholeNumber(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
  const number = isNumber ? Number(value) : 0;
  return Number.isSafeInteger(number) && number >= 1 ? number : undefined;
}
