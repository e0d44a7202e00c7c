// The figures of queues, as people read them. Pure.
import type { FloorFigures, FloorQueue, MediaType } from '@cordboard/client';

const types = ['Telephony', 'Chat', 'Email'] as const;

export interface QueueLine {
  readonly type: MediaType;
  readonly figures: FloorFigures;
}

/** Calls always; chats and e-mails if there is anything to say of them. */
export function linesOf(queue: FloorQueue): readonly QueueLine[] {
  return types.flatMap((type) => {
    const figures = queue[type];
    return type === 'Telephony' || hasAnything(figures) ? [{ type, figures }] : [];
  });
}

function hasAnything({ waiting, entered, agents }: FloorFigures): boolean {
  return waiting + entered + agents.ready + agents.busy + agents.notReady > 0;
}

export function findQueues(queues: Iterable<FloorQueue>, text: string): readonly FloorQueue[] {
  const wanted = text.trim().toLocaleLowerCase();
  return [...queues].filter((it) => it.name.toLocaleLowerCase().includes(wanted));
}

/** In percent; undefined if there was nothing to be in time for. */
export function serviceLevelOf(figures: FloorFigures): number | undefined {
  const { answered, of } = figures.serviceLevel;
  return of > 0 ? (100 * answered) / of : undefined;
}

/** `crowded`: somebody waits, and nobody is free. `calm`: nobody waits. */
export type Pressure = 'calm' | 'waiting' | 'crowded';

export function pressureOf({ waiting, agents }: FloorFigures): Pressure {
  if (waiting === 0) return 'calm';
  return agents.ready === 0 ? 'crowded' : 'waiting';
}

/** `20 sec`, `2 min`, in the language; what is not whole minutes is said in seconds. */
export function durationText(ms: number, language: string): string {
  const seconds = Math.round(ms / 1000);
  const isMinutes = seconds >= 60 && seconds % 60 === 0;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: isMinutes ? 'minute' : 'second',
    unitDisplay: 'short',
  }).format(isMinutes ? seconds / 60 : seconds);
}
