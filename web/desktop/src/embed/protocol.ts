// What the desktop and the web page around it say to each other: docs/desktop.md, "Inside a CRM".
// Pure: reading, and what is told of the model.
import {
  allChannels,
  allInteractions,
  focusOf,
  type Interaction,
  type Model,
} from '@cordboard/client';
import { textIn } from '../desk/people.js';

/** What the page may ask for. `id` comes back with the answer. */
export type Ask =
  | { readonly type: 'dial'; readonly number: string; readonly id: string | undefined }
  | { readonly type: 'ready'; readonly id: string | undefined }
  | { readonly type: 'notReady'; readonly id: string | undefined }
  | { readonly type: 'hello'; readonly id: string | undefined };

/** What the page is told. */
export type Tell =
  | { readonly type: 'state'; readonly agent: AgentTold | null }
  | { readonly type: 'interaction'; readonly interaction: InteractionTold }
  | { readonly type: 'interactionEnded'; readonly id: string }
  | { readonly type: 'screenPop'; readonly interaction: InteractionTold; readonly url?: string }
  | { readonly type: 'answer'; readonly id: string | undefined; readonly isDone: boolean };

export interface AgentTold {
  readonly id: string;
  readonly channels: readonly { readonly type: string; readonly agentState: string }[];
}

export interface InteractionTold {
  readonly id: string;
  readonly type: string;
  readonly direction: string;
  readonly state: string;
  readonly conversation: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly queue: string | undefined;
}

/** Each message has this member; what has not is not ours. */
export const mark = 'cordboard';
export const version = 1;

export function readAsk(value: unknown): Ask | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = { ...value } as Record<string, unknown>;
  if (message[mark] !== version) return undefined;
  const given = message['id'];
  const id = typeof given === 'string' && given.length <= 64 ? given : undefined;
  switch (message['type']) {
    case 'dial':
      return typeof message['number'] === 'string'
        ? { type: 'dial', number: message['number'], id }
        : undefined;
    case 'ready':
    case 'notReady':
    case 'hello':
      return { type: message['type'], id };
    default:
      return undefined;
  }
}

/**
 * Whom to talk to: the origin the page around has given in `?embed=`, if the operator allows it.
 * Undefined: nobody. There is no wildcard.
 */
export function partnerOf(
  search: string,
  allowed: readonly string[],
  isFramed: boolean,
): string | undefined {
  const asked = new URLSearchParams(search).get('embed');
  if (!isFramed || asked === null || !allowed.includes(asked)) return undefined;
  return URL.canParse(asked) && new URL(asked).origin === asked ? asked : undefined;
}

export function agentTold(model: Model): AgentTold {
  const channels = allChannels(model).map(({ type, agentState }) => ({ type, agentState }));
  return { id: model.session.agent.id, channels };
}

export function interactionTold(interaction: Interaction): InteractionTold {
  const { id, type, direction, state } = interaction;
  return {
    id,
    type,
    direction,
    state,
    conversation: focusOf(interaction)?.state,
    data: interaction['interaction-data'],
    queue: textIn(interaction, 'Queue'),
  };
}

/** What is news to the page around: told in this order. */
export function newsOf(before: Model | undefined, now: Model | undefined): readonly Tell[] {
  const news: Tell[] = [];
  const old = new Map((before ? allInteractions(before) : []).map((it) => [it.target, it]));
  const agent = now ? agentTold(now) : null;
  const agentBefore = before ? agentTold(before) : null;
  if (JSON.stringify(agent) !== JSON.stringify(agentBefore)) news.push({ type: 'state', agent });
  for (const it of now ? allInteractions(now) : []) {
    if (old.get(it.target) !== it) {
      news.push({ type: 'interaction', interaction: interactionTold(it) });
    }
    old.delete(it.target);
  }
  for (const it of old.values()) news.push({ type: 'interactionEnded', id: it.id });
  return news;
}
