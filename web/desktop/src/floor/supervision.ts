// What a supervisor may do about an agent now: docs/protocol.md, "Supervisors" and "Supervisors and
// calls". Pure. The server has the last word; this is so that no button promises what it cannot
// keep, and so that what is off says why.

import type { FloorAgent, FloorWork } from '@cordboard/client';
import { allChannels, type Channel, type Model, type MonitorMode } from '@cordboard/client';

/** Why nobody can be listened to, whoever it is. */
export type Obstacle = 'unsupported' | 'noPhone' | 'phoneOff' | 'ownCall';

export interface Listening {
  readonly agent: string;
  readonly mode: MonitorMode;
}

export interface Supervision {
  readonly canListen: boolean;
  /** How this agent is being listened to by the supervisor. */
  readonly mode: MonitorMode | undefined;
  readonly canIntercept: boolean;
  readonly canSetReady: boolean;
  readonly canSetNotReady: boolean;
  readonly canLogOut: boolean;
}

/** The supervisor's own phone. */
export function phoneOf(model: Model): Channel | undefined {
  return allChannels(model).find((it) => it.type === 'Telephony');
}

export function listeningOf(model: Model): Listening | undefined {
  const monitoring = phoneOf(model)?.monitoring;
  return monitoring && { agent: monitoring.agent.id, mode: monitoring.mode };
}

export function obstacleOf(model: Model): Obstacle | undefined {
  if (!model.session.capabilities.includes('monitor')) return 'unsupported';
  return phoneObstacleOf(model);
}

function phoneObstacleOf(model: Model): Obstacle | undefined {
  const phone = phoneOf(model);
  if (!phone) return 'noPhone';
  if (phone.state !== 'ACTIVE') return 'phoneOff';
  return phone.interactions.length > 0 ? 'ownCall' : undefined;
}

const isGoingOn = (work: FloorWork) => work.state !== 'ENDED' && work.state !== 'COMPLETED';

export function supervisionOf(model: Model, agent: FloorAgent): Supervision {
  const isOther = agent.id !== model.session.agent.id;
  const listening = listeningOf(model);
  const mode = listening?.agent === agent.id ? listening.mode : undefined;
  const call = agent.work?.find((it) => it.type === 'Telephony' && it.state === 'STARTED');
  const isInUse = isOther && agent.channel === 'ACTIVE' && agent.session !== 'LOGGED_OUT';
  const isFree = listening === undefined || mode !== undefined;
  return {
    canListen: isOther && call !== undefined && isFree && obstacleOf(model) === undefined,
    mode,
    canIntercept:
      isOther &&
      call !== undefined &&
      call.direction !== 'INTERNAL' &&
      model.session.capabilities.includes('transfer') &&
      phoneObstacleOf(model) === undefined,
    canSetReady: isInUse && agent.session === 'LOGGED_IN',
    canSetNotReady: isInUse,
    canLogOut: isOther && agent.session !== 'LOGGED_OUT' && !agent.work?.some(isGoingOn),
  };
}

/** Whether the agent may look at the floor. */
export function isSupervisor(model: Model): boolean {
  return model.session.permissions.includes('supervise');
}
