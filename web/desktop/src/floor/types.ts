// What a supervisor is told of the floor, and anybody of the directory: docs/protocol.md.
import type { MediaType } from '@cordboard/client';

export interface FloorWork {
  readonly type: MediaType;
  readonly direction: 'INBOUND' | 'OUTBOUND' | 'INTERNAL';
  readonly state: 'ALERTING' | 'DIALING' | 'STARTED' | 'ENDED' | 'COMPLETED';
  readonly since: string;
  readonly from?: string;
  readonly queue?: string;
  readonly held?: true;
  readonly muted?: true;
}

export interface FloorAgent {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly session: 'LOGGED_IN' | 'DETACHED' | 'LOGGED_OUT';
  readonly since: string;
  readonly agentState?: 'READY' | 'NOT_READY' | 'RESERVED' | 'BUSY' | 'WRAPUP';
  readonly reason?: { readonly code: string; readonly name?: string };
  readonly pending?: 'READY' | 'NOT_READY';
  readonly channel?: 'ACTIVE' | 'INACTIVE' | 'UNAVAILABLE';
  readonly monitoredBy?: readonly string[];
  readonly work?: readonly FloorWork[];
}

export interface FloorQuarter {
  readonly start: string;
  readonly entered: number;
  readonly answered: number;
  readonly abandoned: number;
}

/** Of one type of interaction. */
export interface FloorQueueFigures {
  readonly waiting: number;
  readonly longestWaitMs: number;
  readonly agents: { readonly ready: number; readonly busy: number; readonly notReady: number };
  readonly entered: number;
  readonly offers: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly overflowed: number;
  readonly unserved: number;
  readonly serviceLevel: {
    readonly withinMs: number;
    readonly answered: number;
    readonly of: number;
  };
  readonly oldest?: string;
  readonly quarters?: readonly FloorQuarter[];
}

export type FloorQueue = { readonly name: string } & {
  readonly [Type in MediaType]?: FloorQueueFigures;
};

export interface Floor {
  readonly agents: ReadonlyMap<string, FloorAgent>;
  readonly queues: ReadonlyMap<string, FloorQueue>;
}

export interface DirectoryAgent {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly state: 'READY' | 'NOT_READY' | 'BUSY' | 'LOGGED_OUT';
}

export interface DirectoryQueue {
  readonly name: string;
  readonly numbers: readonly string[];
}

export interface Directory {
  readonly agents: readonly DirectoryAgent[];
  readonly queues: readonly DirectoryQueue[];
}
