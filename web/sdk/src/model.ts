// What a client knows of its session: a tree that events are folded into, one after the other, and
// that a snapshot replaces. Pure: a model is never changed, apply() gives a new one that shares
// what is as before. What the events up to a number have said is what the snapshot with that
// number says (docs/protocol.md, section 5, "A snapshot").
import { ProtocolError } from './errors.js';
import type {
  ChannelStateUpdate,
  ChannelView,
  ConversationStateUpdate,
  ConversationView,
  Events,
  GroupView,
  InteractionStateUpdate,
  InteractionView,
  Member,
  SessionStateUpdate,
  SessionView,
} from './generated/protocol.js';
import type { ProtocolEvent } from './messages.js';

/** Each object knows its target, which commands to it are addressed to. */
interface Addressed {
  readonly target: string;
}
export type Conversation = ConversationView & Addressed;
export type Interaction = Omit<InteractionView, 'conversations'> &
  Addressed & { readonly conversations: readonly Conversation[] };
export type Channel = Omit<ChannelView, 'interactions'> &
  Addressed & { readonly interactions: readonly Interaction[] };
export type Group = Omit<GroupView, 'channels'> &
  Addressed & { readonly channels: readonly Channel[] };
/** The channels of a group are in the group. allChannels() has them all. */
export type Session = Omit<SessionView, 'channelgroups' | 'channels'> &
  Addressed & { readonly channelgroups: readonly Group[]; readonly channels: readonly Channel[] };

export interface Model {
  /** The number of the last event that is in it. */
  readonly seq: number;
  readonly session: Session;
}

/** A session of which nothing has been told yet. */
export function emptyModel(id: string, seq = 0): Model {
  const session: Session = {
    id,
    target: id,
    state: 'INITIALIZING',
    detached: false,
    agent: { id: '', name: '' },
    reasons: [],
    dispositions: [],
    capabilities: [],
    permissions: [],
    channelgroups: [],
    channels: [],
  };
  return { seq, session };
}

/** What a snapshot says. */
export function modelOfSnapshot(view: SessionView, seq: number): Model {
  const session: Session = {
    ...view,
    target: view.id,
    channelgroups: view.channelgroups.map((group) => {
      const target = `${view.id}.${group.id}`;
      return { ...group, target, channels: group.channels.map((it) => channelOf(it, target)) };
    }),
    channels: view.channels.map((it) => channelOf(it, view.id)),
  };
  return { seq, session };
}

function channelOf(view: ChannelView, parent: string): Channel {
  const target = `${parent}.${view.id}`;
  return {
    ...view,
    target,
    interactions: view.interactions.map((it) => interactionOf(it, target)),
  };
}

function interactionOf(view: InteractionView, parent: string): Interaction {
  const target = `${parent}.${view.id}`;
  const conversations = view.conversations.map((it) => ({ ...it, target: `${target}.${it.id}` }));
  return { ...view, target, conversations };
}

export function allChannels(model: Model): readonly Channel[] {
  const { channelgroups, channels } = model.session;
  return [...channelgroups.flatMap((group) => group.channels), ...channels];
}

export function allInteractions(model: Model): readonly Interaction[] {
  return allChannels(model).flatMap((channel) => channel.interactions);
}

export function findChannel(model: Model, target: string): Channel | undefined {
  return allChannels(model).find((it) => it.target === target);
}

export function findInteraction(model: Model, target: string): Interaction | undefined {
  return allInteractions(model).find((it) => it.target === target);
}

export function findConversation(model: Model, target: string): Conversation | undefined {
  const all = allInteractions(model).flatMap((it) => it.conversations);
  return all.find((it) => it.target === target);
}

/** The conversation that the agent's phone has; of an interaction with one, that one. */
export function focusOf(interaction: Interaction): Conversation | undefined {
  const { focus, conversations } = interaction;
  return conversations.find((it) => it.id === focus) ?? conversations[0];
}

/**
 * The model after an event. An event whose name is not known changes nothing but `seq`.
 * @throws {ProtocolError} if the event is of an object that is not in the model: something was
 * missed, and a snapshot is needed.
 */
export function apply(model: Model, event: ProtocolEvent): Model {
  return { seq: event.seq, session: fold(model.session, event) };
}

type Fold<Name extends keyof Events> = (
  session: Session,
  target: string,
  data: Events[Name]['data'],
) => Session;

const folds: { readonly [Name in keyof Events]: Fold<Name> } = {
  'session.initialized': (session, _, data) => ({ ...session, ...data, state: 'LOGGED_IN' }),
  'session.ended': (session) => session,

  'channelgroup.created': (session, target, { channelgroup }) => ({
    ...session,
    channelgroups: [
      ...session.channelgroups,
      { ...channelgroup, target: `${target}.${channelgroup.id}`, channels: [] },
    ],
  }),
  'channelgroup.initialized': same,
  'channelgroup.disposed': (session, target) => ({
    ...session,
    channelgroups: without(session.channelgroups, target),
  }),

  'channel.created': (session, target, { channel }) => {
    const made: Channel = {
      ...channel,
      target: `${target}.${channel.id}`,
      state: 'INACTIVE',
      agentState: 'NOT_READY',
      queues: [],
      interactions: [],
    };
    return changeChannels(session, target, (channels) => [...channels, made]);
  },
  'channel.infochanged': (session, target, { channel }) =>
    changeChannel(session, target, (old) => ({
      ...channel,
      target: old.target,
      interactions: old.interactions,
    })),
  'channel.initialized': same,
  'channel.disposed': (session, target) =>
    changeChannels(session, parentOf(target), (channels) => without(channels, target)),
  'channel.externaldispositions.updated': same,

  'interaction.created': (session, target, { interaction }) => {
    const made: Interaction = {
      ...interaction,
      target: `${target}.${interaction.id}`,
      state: 'ALERTING',
      recording: 'NONE',
      'interaction-data': {},
      conversations: [],
    };
    return changeChannel(session, target, (channel) => ({
      ...channel,
      interactions: [...channel.interactions, made],
    }));
  },
  'interaction.datachanged': setData,
  'interaction.preview': setData,
  'interaction.screenpop': setData,
  'interaction.initialized': same,
  'interaction.ended': same,
  'interaction.quality': same,
  'interaction.disposed': (session, target) =>
    changeChannel(session, parentOf(target), (channel) => ({
      ...channel,
      interactions: without(channel.interactions, target),
    })),
  'interaction.focuschanged': (session, target, { conversation }) =>
    changeInteraction(session, target, (it) => ({ ...it, focus: conversation.id })),

  'conversation.created': (session, target, { conversation }) => {
    const made: Conversation = {
      ...conversation,
      target: `${target}.${conversation.id}`,
      state: 'ALERTING',
      muted: false,
      members: [],
    };
    return changeInteraction(session, target, (it) => ({
      ...it,
      conversations: [...it.conversations, made],
    }));
  },
  'conversation.initialized': same,
  'conversation.disposed': (session, target) =>
    changeInteraction(session, parentOf(target), ({ focus, ...it }) => ({
      ...it,
      // The focus is gone with its conversation.
      ...(focus !== undefined && focus !== lastOf(target) ? { focus } : {}),
      conversations: without(it.conversations, target),
    })),
  'conversation.member.added': (session, target, { member }) =>
    changeMembers(session, target, (members) => [...members, member]),
  'conversation.member.removed': (session, target, { member }) =>
    changeMembers(session, target, (members) => members.filter((it) => it.id !== member.id)),

  'state.updated': setState,
};

function fold(session: Session, event: ProtocolEvent): Session {
  if (event.target.split('.')[0] !== session.id) {
    throw new ProtocolError(`An event is of another session: ${event.name}.`);
  }
  if (!Object.hasOwn(folds, event.name)) return session;
  const change = folds[event.name] as Fold<keyof Events>;
  return change(session, event.target, event.data);
}

function same(session: Session): Session {
  return session;
}

function setData(
  session: Session,
  target: string,
  data: Events['interaction.datachanged']['data'],
): Session {
  return changeInteraction(session, target, (it) => ({
    ...it,
    'interaction-data': data['interaction-data'],
  }));
}

/**
 * Whose state it is says the place of the target in the tree, not its length: groups are optional.
 */
function setState(
  session: Session,
  target: string,
  data: Events['state.updated']['data'],
): Session {
  const { previous: _, cause: __, ...state } = data;
  if (target === session.id) {
    return { ...session, ...(state as Omit<SessionStateUpdate, 'previous' | 'cause'>) };
  }
  if (hasChannel(session, target)) {
    const now = state as Omit<ChannelStateUpdate, 'previous' | 'cause'>;
    return changeChannel(session, target, ({ reason: _reason, pending: _pending, ...it }) => ({
      ...it,
      ...now,
    }));
  }
  if (hasChannel(session, parentOf(target))) {
    const now = state as Omit<InteractionStateUpdate, 'previous' | 'cause'>;
    return changeInteraction(session, target, (it) => ({ ...it, ...now }));
  }
  const now = state as Omit<ConversationStateUpdate, 'previous' | 'cause'>;
  return changeConversation(session, target, (it) => ({ ...it, ...now }));
}

// --- Ways down the tree. Each copies what is on the way and nothing else. ----------------------

function parentOf(target: string): string {
  return target.slice(0, Math.max(0, target.lastIndexOf('.')));
}

function lastOf(target: string): string {
  return target.slice(target.lastIndexOf('.') + 1);
}

function changeOne<Node extends Addressed>(
  nodes: readonly Node[],
  target: string,
  change: (node: Node) => Node,
): readonly Node[] {
  if (!nodes.some((it) => it.target === target)) {
    throw new ProtocolError(`An event is of an object that is not known: ${target}.`);
  }
  return nodes.map((it) => (it.target === target ? change(it) : it));
}

function without<Node extends Addressed>(nodes: readonly Node[], target: string): readonly Node[] {
  const left = nodes.filter((it) => it.target !== target);
  if (left.length === nodes.length) {
    throw new ProtocolError(`An object that is not known is disposed of: ${target}.`);
  }
  return left;
}

function hasChannel(session: Session, target: string): boolean {
  const isIt = (it: Channel) => it.target === target;
  return session.channels.some(isIt) || session.channelgroups.some((it) => it.channels.some(isIt));
}

/** The channels of the session itself, or of a group. */
function changeChannels(
  session: Session,
  holder: string,
  change: (channels: readonly Channel[]) => readonly Channel[],
): Session {
  if (holder === session.id) return { ...session, channels: change(session.channels) };
  const channelgroups = changeOne(session.channelgroups, holder, (group) => ({
    ...group,
    channels: change(group.channels),
  }));
  return { ...session, channelgroups };
}

function changeChannel(
  session: Session,
  target: string,
  change: (channel: Channel) => Channel,
): Session {
  return changeChannels(session, parentOf(target), (channels) =>
    changeOne(channels, target, change),
  );
}

function changeInteraction(
  session: Session,
  target: string,
  change: (interaction: Interaction) => Interaction,
): Session {
  return changeChannel(session, parentOf(target), (channel) => ({
    ...channel,
    interactions: changeOne(channel.interactions, target, change),
  }));
}

function changeConversation(
  session: Session,
  target: string,
  change: (conversation: Conversation) => Conversation,
): Session {
  return changeInteraction(session, parentOf(target), (it) => ({
    ...it,
    conversations: changeOne(it.conversations, target, change),
  }));
}

function changeMembers(
  session: Session,
  target: string,
  change: (members: readonly Member[]) => readonly Member[],
): Session {
  return changeConversation(session, target, (it) => ({ ...it, members: change(it.members) }));
}
