// Whether there is a phone in the browser: as long as the session has a telephony channel with
// `media`, and for that one.
import { allChannels, type Channel, type CordboardClient } from '@cordboard/client';
import { BrowserAudio } from '@cordboard/client/audio';
import type { Desk } from '../desk/desk.js';
import { readPreferences } from '../desk/preferences.js';
import type { SessionMemory } from '../desk/storage.js';
import { BrowserPhone, type Permission } from './browser_phone.js';

export type MakePhone = (client: CordboardClient, channel: Channel) => BrowserPhone;

export class PhoneKeeper {
  readonly #desk: Pick<Desk, 'view' | 'client' | 'subscribe'>;
  readonly #make: MakePhone;
  readonly #listeners = new Set<() => void>();
  #phone: BrowserPhone | undefined;
  #line: { readonly client: CordboardClient; readonly target: string } | undefined;

  constructor(desk: Pick<Desk, 'view' | 'client' | 'subscribe'>, make: MakePhone) {
    this.#desk = desk;
    this.#make = make;
    desk.subscribe(() => this.#look());
  }

  readonly getPhone = (): BrowserPhone | undefined => this.#phone;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #look(): void {
    const { client, view } = this.#desk;
    const channel = client && view.model && allChannels(view.model).find(isBrowser);
    const line = channel && { client, target: channel.target };
    if (line?.client === this.#line?.client && line?.target === this.#line?.target) return;
    this.#phone?.stop();
    this.#line = line;
    this.#phone = channel && this.#make(client, channel);
    void this.#phone?.begin(channel?.state === 'ACTIVE' || channel?.media !== 'NONE');
    for (const listener of this.#listeners) listener();
  }
}

function isBrowser(channel: Channel): boolean {
  return channel.type === 'Telephony' && channel.media !== undefined;
}

/** With the microphone, the loudspeaker and the storage of this window. */
export function phoneMaker(memory: SessionMemory): MakePhone {
  return (client, channel) => {
    const { microphone, speaker } = readPreferences(localStorage, []);
    return new BrowserPhone(new BrowserAudio({ client, channel: channel.target }), {
      permission: microphonePermission,
      onDevices,
      mute: { get: () => memory.isMuted(), keep: (isMuted) => memory.keepMuted(isMuted) },
      choice: {
        ...(microphone !== undefined && { microphone }),
        ...(speaker !== undefined && { speaker }),
      },
    });
  };
}

async function microphonePermission(): Promise<Permission | undefined> {
  try {
    return await navigator.permissions.query({ name: 'microphone' as PermissionName });
  } catch {
    // Not every browser knows the name.
    return undefined;
  }
}

/** Calls `listener` when something is plugged in or out, until the result is called. */
export function onDevices(listener: () => void): () => void {
  // None where the page is not secure.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  devices?.addEventListener('devicechange', listener);
  return () => devices?.removeEventListener('devicechange', listener);
}
