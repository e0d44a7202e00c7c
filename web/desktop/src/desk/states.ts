// An agent's own state, channel by channel: what may be chosen, and how it is asked for.
import { allChannels, type Channel, type MediaType, type Model } from '@cordboard/client';
import type { Desk } from './desk.js';

/** Where the browser is the phone: it is there before the channel is taken into use. */
export interface Phone {
  connect(): Promise<boolean>;
}

/** Ready takes a channel into use first, if it is not, and connects its audio. */
export async function becomeReady(
  desk: Desk,
  channel: Channel,
  phone: Phone | undefined,
): Promise<boolean> {
  if (phone && !(await phone.connect())) return false;
  if (channel.state !== 'ACTIVE' && !(await desk.ask('channel.activate', channel.target))) {
    return false;
  }
  return desk.ask('channel.ready', channel.target);
}

/** Without a reason code: just not ready. Who is active already needs no audio for it. */
export async function becomeNotReady(
  desk: Desk,
  channel: Channel,
  code: string | undefined,
  phone: Phone | undefined,
): Promise<boolean> {
  if (channel.state !== 'ACTIVE') {
    if (phone && !(await phone.connect())) return false;
    if (!(await desk.ask('channel.activate', channel.target))) return false;
  }
  return desk.ask(
    'channel.notready',
    channel.target,
    code === undefined ? {} : { reason: { code } },
  );
}

/** The agent's channel for chats or e-mails; its endpoint is the agent's own name. */
export function taskChannelOf(model: Model, type: MediaType): Channel | undefined {
  return allChannels(model).find((it) => it.type === type);
}

export async function addTaskChannel(desk: Desk, type: 'Chat' | 'Email'): Promise<void> {
  const { model } = desk.view;
  if (!model) return;
  const endpoint = model.session.agent.id;
  const added = await desk.ask('session.request.addchannel', model.session.target, {
    channel: { endpoint, type },
  });
  const channel = desk.view.model && taskChannelOf(desk.view.model, type);
  if (added && channel) await desk.ask('channel.activate', channel.target);
}

export async function removeTaskChannel(desk: Desk, channel: Channel): Promise<void> {
  const { model } = desk.view;
  if (!model) return;
  await desk.ask('session.request.removechannel', model.session.target, {
    channel: { id: channel.id },
  });
}
