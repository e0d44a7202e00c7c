// What the operator has configured for the desktop: GET /desktop.json, docs/operations.md. Nothing
// in it is secret; whoever opens the page can read it.

/** A log-in that is offered to whoever opens the page: a demo's, nobody else has any. */
export interface DemoLogIn {
  readonly agent: string;
  readonly password: string;
  readonly name: string;
}

export interface Site {
  /** Template of the page to open with a call: screen_pop.ts. */
  readonly screenPop: string | undefined;
  /** Web pages that may have the desktop in a frame and talk to it: origins. */
  readonly embedOrigins: readonly string[];
  readonly demo: readonly DemoLogIn[];
}

export const plainSite: Site = { screenPop: undefined, embedOrigins: [], demo: [] };

export function readSite(value: unknown): Site {
  if (typeof value !== 'object' || value === null) return plainSite;
  const { screenPop, embedOrigins, demo } = { ...value } as Record<string, unknown>;
  return {
    screenPop: typeof screenPop === 'string' && screenPop !== '' ? screenPop : undefined,
    embedOrigins: Array.isArray(embedOrigins)
      ? embedOrigins.filter((it): it is string => typeof it === 'string')
      : [],
    demo: Array.isArray(demo) ? demo.filter(isDemoLogIn) : [],
  };
}

function isDemoLogIn(value: unknown): value is DemoLogIn {
  if (typeof value !== 'object' || value === null) return false;
  const { agent, password, name } = { ...value } as Record<string, unknown>;
  return [agent, password, name].every((it) => typeof it === 'string');
}

/** A site that cannot be read is a plain one: the agent can work all the same. */
export async function fetchSite(): Promise<Site> {
  try {
    const response = await fetch('/desktop.json', { headers: { Accept: 'application/json' } });
    return response.ok ? readSite(await response.json()) : plainSite;
  } catch {
    return plainSite;
  }
}
