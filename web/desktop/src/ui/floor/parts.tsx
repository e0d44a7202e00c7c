// What the parts of the floor share.
import type { Floor } from '@cordboard/client';
import { createContext, useContext, useSyncExternalStore } from 'react';
import { clockText } from '../../desk/times.js';
import type { Clock } from '../../floor/clock.js';
import type { CalmFloor, FloorStore } from '../../floor/store.js';
import { useSurroundings } from '../surroundings.js';

export interface FloorParts {
  readonly store: FloorStore;
  readonly calm: CalmFloor;
  readonly clock: Clock;
}

export const FloorContext = createContext<FloorParts | undefined>(undefined);

export function useFloorParts(): FloorParts {
  const parts = useContext(FloorContext);
  if (!parts) throw new Error('There is no floor.');
  return parts;
}

/** What `pick` takes of the floor; draws again when that is another object, and only then. */
export function useFloor<Part>(pick: (floor: Floor) => Part): Part | undefined {
  const { store } = useFloorParts();
  return useSyncExternalStore(store.subscribe, () => {
    const floor = store.getFloor();
    return floor && pick(floor);
  });
}

/** The whole floor as of the last second. */
export function useCalmFloor(): Floor | undefined {
  const { calm } = useFloorParts();
  return useSyncExternalStore(calm.subscribe, calm.getFloor);
}

/** How long something has been so, ticking; nothing if that is not known. */
export function Since({ atMs }: { atMs: number }) {
  const { clock } = useFloorParts();
  const { desk } = useSurroundings();
  const text = useSyncExternalStore(clock.subscribe, () => {
    const elapsed = clock.now() + (desk.view.times.aheadMs ?? 0) - atMs;
    return Number.isNaN(elapsed) ? '' : clockText(Math.max(0, elapsed));
  });
  return <span className="elapsed">{text}</span>;
}
