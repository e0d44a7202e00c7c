// A BrowserAudio without a browser: it does what the test says, and tells it as the real one does.
import {
  type AudioDevices,
  AudioError,
  type AudioErrorCode,
  type AudioState,
  type AudioTellings,
} from '@cordboard/client/audio';
import type { Permission, PhoneAudio, PhoneSurroundings } from '../../src/audio/browser_phone.js';

type Listeners = { [Name in keyof AudioTellings]: Set<(payload: AudioTellings[Name]) => void> };

const device = (kind: MediaDeviceKind, deviceId: string, label: string) =>
  ({ kind, deviceId, label }) as MediaDeviceInfo;

export class FakeAudio implements PhoneAudio {
  state: AudioState = 'off';
  isMuted = false;
  isSilenced = false;
  isBlocked = false;
  microphone: string | undefined;
  speaker = '';
  levels = { microphone: 0, speaker: 0 };
  /** What has been called, in order. */
  readonly calls: string[] = [];
  /** What start() fails with, one after the other. */
  failures: (AudioError | undefined)[] = [];
  plugged = ['default', 'headset'];
  readonly #listeners: Listeners = {
    state: new Set(),
    muted: new Set(),
    silenced: new Set(),
    microphone: new Set(),
    blocked: new Set(),
    devices: new Set(),
    problem: new Set(),
  };
  #chosen: string | undefined;

  on<Name extends keyof AudioTellings>(
    name: Name,
    listener: (payload: AudioTellings[Name]) => void,
  ): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }
  tell<Name extends keyof AudioTellings>(name: Name, payload: AudioTellings[Name]): void {
    for (const listener of this.#listeners[name]) listener(payload);
  }
  become(state: AudioState): void {
    this.state = state;
    this.tell('state', state);
  }
  fail(code: AudioErrorCode): void {
    this.tell('problem', new AudioError(code, code));
  }

  async start(): Promise<void> {
    this.calls.push('start');
    this.become('connecting');
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure) {
      this.become('off');
      throw failure;
    }
    this.#open(this.#chosen);
    this.become('connected');
  }
  stop(): void {
    this.calls.push('stop');
    this.microphone = undefined;
    this.become('off');
  }
  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.tell('muted', isMuted);
  }
  hurry(): void {
    this.calls.push('hurry');
  }
  async unblock(): Promise<void> {
    this.calls.push('unblock');
  }
  async devices(): Promise<AudioDevices> {
    return {
      microphones: this.plugged.map((it) => device('audioinput', it, `The ${it}`)),
      speakers: [device('audiooutput', 'default', 'The speaker')],
    };
  }
  async chooseMicrophone(id: string | undefined): Promise<void> {
    this.calls.push(`microphone ${id}`);
    if (this.state !== 'off' && !this.plugged.includes(id ?? this.plugged[0] ?? ''))
      throw new AudioError('no-microphone', 'x');
    if (this.state === 'off') this.#chosen = id;
    else this.#open(id);
  }
  async chooseSpeaker(id: string): Promise<void> {
    this.calls.push(`speaker ${id}`);
    if (id === 'gone') throw new AudioError('speaker-failed', 'x');
    this.speaker = id;
  }
  /** As the real one does it: the default takes its place, if there is one. */
  async unplug(id: string): Promise<void> {
    this.plugged = this.plugged.filter((it) => it !== id);
    this.microphone = undefined;
    this.tell('microphone', undefined);
    this.fail('microphone-gone');
    if (this.plugged.length === 0) this.fail('no-microphone');
    else this.#open(undefined);
  }

  #open(id: string | undefined): void {
    this.microphone = id ?? this.plugged[0];
    this.tell('microphone', this.microphone);
  }
}

export class FakePermission extends EventTarget implements Permission {
  state: PermissionState;
  constructor(state: PermissionState) {
    super();
    this.state = state;
  }
  become(state: PermissionState): void {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** `kept`: what the page was like before it was loaded again. */
export function around(
  permission: Permission | undefined,
  choice: PhoneSurroundings['choice'] = {},
  kept = { isMuted: false },
) {
  let onDevices = () => {};
  const surroundings: PhoneSurroundings = {
    permission: async () => permission,
    onDevices: (listener) => {
      onDevices = listener;
      return () => {
        onDevices = () => {};
      };
    },
    mute: {
      get: () => kept.isMuted,
      keep: (isMuted) => {
        kept.isMuted = isMuted;
      },
    },
    choice,
  };
  return { surroundings, kept, plug: () => onDevices() };
}
