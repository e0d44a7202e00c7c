export { type BackOff, defaultBackOff, delayOf } from './back_off.js';
export {
  type Added,
  type Command,
  CordboardClient,
  type PastInteractions,
  type Tellings,
} from './client.js';
export * from './errors.js';
export type { Floor } from './floor.js';
export type * from './generated/protocol.js';
export type { ProtocolEvent } from './messages.js';
export {
  allChannels,
  allInteractions,
  type Channel,
  type Conversation,
  findChannel,
  findConversation,
  findInteraction,
  focusOf,
  type Group,
  type Interaction,
  type Model,
  type Session,
} from './model.js';
export type {
  ClientOptions,
  Credentials,
  CredentialsProvider,
  CredentialsRequest,
  TakeoverQuestion,
} from './options.js';
export type { Status, Ticket } from './session_link.js';
export type { Timers, WebSocketConstructor, WebSocketLike } from './surroundings.js';
