import type { Format, FormatRoute } from '../formats/format.ts';

export interface RouteMatch {
  readonly route: FormatRoute;
  readonly params: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  readonly route: FormatRoute;
  readonly parts: readonly string[];
}

/** A format's routes, ready to be matched. The first that fits wins, in the order the format declares them. */
export class RouteTable {
  readonly #routes: readonly CompiledRoute[];

  constructor(format: Format, isStrict: boolean) {
    const served = format.routes.filter((route) => !(isStrict && route.isExtra === true));
    this.#routes = served.map((route) => ({ route, parts: route.path.split('/') }));
  }

  /** The route for decoded segments; undefined when the protocol has none. HEAD is answered by GET's. */
  match(method: string, segments: readonly string[]): RouteMatch | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    for (const { route, parts } of this.#routes) {
      if (route.method !== wanted) continue;
      const params = paramsOf(parts, segments);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  }
}

function paramsOf(parts: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const several = parts.indexOf('*');
  const beyond = segments.length - parts.length;
  if (beyond < 0 || (several === -1 && beyond > 0)) return undefined;
  const params: Record<string, string> = Object.create(null);
  for (const [position, part] of parts.entries()) {
    if (position === several) {
      params['*'] = segments.slice(position, position + beyond + 1).join('/');
      continue;
    }
    const segment = segments[several !== -1 && position > several ? position + beyond : position] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}
