// What the operator has configured for the desktop: GET /desktop.json, docs/operations.md. Nothing
// in it is secret; whoever opens the page can read it.

export interface Site {
  /** Template of the page to open with a call: screen_pop.ts. */
  readonly screenPop: string | undefined;
  /** Web pages that may have the desktop in a frame and talk to it: origins. */
  readonly embedOrigins: readonly string[];
}

export const plainSite: Site = { screenPop: undefined, embedOrigins: [] };

export function readSite(value: unknown): Site {
  if (typeof value !== 'object' || value === null) return plainSite;
  const { screenPop, embedOrigins } = { ...value } as Record<string, unknown>;
  return {
    screenPop: typeof screenPop === 'string' && screenPop !== '' ? screenPop : undefined,
    embedOrigins: Array.isArray(embedOrigins)
      ? embedOrigins.filter((it): it is string => typeof it === 'string')
      : [],
  };
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
