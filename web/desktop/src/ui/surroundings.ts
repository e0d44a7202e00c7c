// What every part of the page may use.
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { BrowserPhone } from '../audio/browser_phone.js';
import type { Desk, DeskView } from '../desk/desk.js';
import type { Preferences } from '../desk/preferences.js';
import type { Ring } from '../desk/ring.js';
import type { Site } from '../desk/site.js';

export interface Surroundings {
  readonly desk: Desk;
  readonly site: Site;
  readonly ring: Ring;
  /** Where the agent's phone is the browser; with a SIP phone there is none. */
  readonly phone: BrowserPhone | undefined;
  readonly preferences: Preferences;
  readonly prefer: (part: Partial<Preferences>) => void;
}

export const SurroundingsContext = createContext<Surroundings | undefined>(undefined);

export function useSurroundings(): Surroundings {
  const surroundings = useContext(SurroundingsContext);
  if (!surroundings) throw new Error('There are no surroundings.');
  return surroundings;
}

export function useDeskView(): DeskView {
  const { desk } = useSurroundings();
  return useSyncExternalStore(desk.subscribe, desk.getView);
}

/** Milliseconds since 1970, anew with each second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
