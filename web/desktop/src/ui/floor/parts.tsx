// What the parts of the floor share.

import type { Floor } from '@cordboard/client';
import { ChevronDown } from 'lucide-react';
import { createContext, useContext, useSyncExternalStore } from 'react';
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
} from 'react-aria-components';
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

/** One of several, in little room. */
export function Picker<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly of: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
}) {
  return (
    <Select
      className="field picker"
      selectedKey={props.value}
      onSelectionChange={(key) => key !== null && props.onChange(String(key) as Value)}
    >
      <Label>{props.label}</Label>
      <Button className="select">
        <SelectValue />
        <ChevronDown aria-hidden size={18} />
      </Button>
      <Popover className="popover">
        <ListBox className="menu">
          {props.of.map(([value, label]) => (
            <ListBoxItem key={value} id={value} className="menu-item" textValue={label}>
              {label}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
