// The phone of an agent whose phone is the browser itself (`phone-mode = "browser"`): when the
// microphone is asked for, what is tried again, and what the page shows of it. The connection is
// the SDK's BrowserAudio. Agents with a SIP phone have none.
import { CommandError } from '@cordboard/client';
import {
  AudioError,
  type AudioErrorCode,
  type AudioState,
  type BrowserAudio,
} from '@cordboard/client/audio';
import type { Sound } from './hearing.js';

export interface Device {
  readonly id: string;
  readonly label: string;
}

/** `stopped` is nobody's problem. */
export type PhoneProblemCode = Exclude<AudioErrorCode, 'stopped'>;

export interface PhoneProblem {
  readonly code: PhoneProblemCode;
  /** The server's own words, in English. */
  readonly detail: string | undefined;
}

export interface BrowserPhoneView extends Sound {
  readonly audio: AudioState;
  readonly microphones: readonly Device[];
  /** None where the browser does not let a page choose. */
  readonly speakers: readonly Device[];
  readonly speaker: string;
  /** The browser keeps the sound back until the person has used the page. */
  readonly isBlocked: boolean;
  readonly problem: PhoneProblem | undefined;
}

/** What is used of BrowserAudio. */
export type PhoneAudio = Pick<
  BrowserAudio,
  | ('state' | 'isMuted' | 'isSilenced' | 'isBlocked' | 'microphone' | 'speaker' | 'levels')
  | ('on' | 'start' | 'stop' | 'mute' | 'hurry' | 'unblock')
  | ('devices' | 'chooseMicrophone' | 'chooseSpeaker')
>;

/** Whether the microphone is allowed; told when the person changes it. */
export type Permission = Pick<
  PermissionStatus,
  'state' | 'addEventListener' | 'removeEventListener'
>;

export interface PhoneSurroundings {
  /** Undefined: this browser does not say. */
  permission(): Promise<Permission | undefined>;
  /** Calls `listener` when something is plugged in or out, until the result is called. */
  onDevices(listener: () => void): () => void;
  /** Whether the agent has muted the microphone here: it outlives a reload of the page. */
  readonly mute: { get(): boolean; keep(isMuted: boolean): void };
  /** Ids of devices the agent has chosen. */
  readonly choice: { readonly microphone?: string; readonly speaker?: string };
}

/** So long after a start that did not get through the next one is tried. */
const againMs = 10_000;

/** Chromium's name for whatever the system prefers. */
const systemDefault = 'default';

/** What a connection makes good. */
const ofConnection: readonly AudioErrorCode[] = ['unreachable', 'refused'];

export class BrowserPhone {
  readonly #audio: PhoneAudio;
  readonly #around: PhoneSurroundings;
  readonly #listeners = new Set<() => void>();
  readonly #ends: (() => void)[] = [];
  #view: BrowserPhoneView;
  #chosen: string | undefined;
  #lost: string | undefined;
  #starting: Promise<boolean> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(audio: PhoneAudio, around: PhoneSurroundings) {
    this.#audio = audio;
    this.#around = around;
    this.#chosen = around.choice.microphone;
    audio.mute(around.mute.get());
    this.#view = { ...this.#seen(), microphones: [], speakers: [], problem: undefined };
    const look = () => this.#change({});
    this.#ends.push(
      audio.on('state', () => this.#onState()),
      audio.on('muted', look),
      audio.on('silenced', look),
      audio.on('microphone', (id) => this.#onMicrophone(id)),
      audio.on('blocked', look),
      audio.on('problem', (error) => this.#report(error)),
      around.onDevices(() => void this.#onDevices()),
    );
  }

  /** For useSyncExternalStore: a new object with each change. */
  readonly getView = (): BrowserPhoneView => this.#view;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** How loud it is now, each from 0 to 1. */
  get levels(): { readonly microphone: number; readonly speaker: number } {
    return this.#audio.levels;
  }

  /**
   * Connects by itself if the microphone is allowed already, or if the phone `isNeeded`: the page
   * was loaded again during a call. Otherwise it waits for connect().
   */
  async begin(isNeeded: boolean): Promise<void> {
    const { choice } = this.#around;
    if (choice.microphone !== undefined) await this.#audio.chooseMicrophone(choice.microphone);
    if (choice.speaker !== undefined) await this.chooseSpeaker(choice.speaker);
    const permission = await this.#around.permission();
    if (this.#isStopped) return;
    const onChange = () => {
      if (permission?.state === 'granted') void this.connect();
    };
    permission?.addEventListener('change', onChange);
    this.#ends.push(() => permission?.removeEventListener('change', onChange));
    if (isNeeded || permission?.state === 'granted') await this.connect();
    else if (permission?.state === 'denied') this.#complain('microphone-denied');
  }

  /** In a click: asks for the microphone and connects, if that is not so. True: there is audio. */
  connect(): Promise<boolean> {
    if (this.#isStopped) return Promise.resolve(false);
    if (!this.#starting && this.#audio.state !== 'off') return this.#haveMicrophone();
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#again);
    for (const end of this.#ends.splice(0)) end();
    this.#audio.stop();
  }

  /** Tries at once what is tried again in a while. */
  hurry(): void {
    this.#audio.hurry();
    void this.connect();
  }

  /** In a click or a key press: lets out the sound that the browser keeps back. */
  unblock(): void {
    void this.#audio.unblock();
  }

  setMuted(isMuted: boolean): void {
    this.#around.mute.keep(isMuted);
    this.#audio.mute(isMuted);
  }

  async chooseMicrophone(id: string): Promise<void> {
    this.#chosen = id;
    this.#lost = undefined;
    await this.#attempt(() => this.#audio.chooseMicrophone(id));
  }

  async chooseSpeaker(id: string): Promise<void> {
    await this.#attempt(() => this.#audio.chooseSpeaker(id));
  }

  dismiss(): void {
    this.#change({ problem: undefined });
  }

  async #start(): Promise<boolean> {
    clearTimeout(this.#again);
    this.#change({ problem: undefined });
    try {
      await this.#startWith();
      return true;
    } catch (error) {
      this.#report(error);
      if (this.#view.problem?.code === 'unreachable' && !this.#isStopped) {
        this.#again = setTimeout(() => void this.connect(), againMs);
      }
      return false;
    }
  }

  // One that was chosen some day may be at home today: the system's is better than none.
  async #startWith(): Promise<void> {
    try {
      await this.#audio.start();
    } catch (error) {
      const isOther = error instanceof AudioError && error.code === 'no-microphone';
      if (!isOther || this.#chosen === undefined || this.#isStopped) throw error;
      this.#chosen = undefined;
      await this.#audio.chooseMicrophone(undefined);
      await this.#audio.start();
    }
  }

  #onState(): void {
    const { problem } = this.#view;
    const isGood = this.#audio.state === 'connected';
    const isOver = isGood && problem !== undefined && ofConnection.includes(problem.code);
    this.#change(isOver ? { problem: undefined } : {});
    // Their names are told once the microphone is allowed.
    if (isGood) void this.#list();
  }

  #onMicrophone(id: string | undefined): void {
    if (id === undefined) this.#lost = this.#view.microphone;
    this.#change({});
  }

  // What was missing may have been plugged in.
  async #onDevices(): Promise<void> {
    await this.#list();
    const { microphones, problem } = this.#view;
    const lost = microphones.find((it) => it.id === this.#lost && it.id !== systemDefault);
    if (this.#audio.state === 'off') {
      if (problem?.code === 'no-microphone') await this.connect();
    } else if (lost) {
      await this.chooseMicrophone(lost.id);
    } else {
      await this.#haveMicrophone();
    }
  }

  // With the connection there; without a microphone it is silent.
  async #haveMicrophone(): Promise<boolean> {
    if (this.#audio.microphone === undefined) {
      await this.#attempt(() => this.#audio.chooseMicrophone(undefined));
    }
    return this.#audio.microphone !== undefined;
  }

  async #list(): Promise<void> {
    try {
      const { microphones, speakers } = await this.#audio.devices();
      this.#change({ microphones: devicesOf(microphones), speakers: devicesOf(speakers) });
    } catch {
      // A browser that gives no list gives no choice.
    }
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#change({ problem: undefined });
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    // Otherwise the session is over, which is shown elsewhere.
    if (!(error instanceof AudioError) || error.code === 'stopped') return;
    const { cause } = error;
    this.#complain(
      error.code,
      cause instanceof CommandError ? (cause.context ?? cause.message) : undefined,
    );
  }

  #complain(code: PhoneProblemCode, detail?: string): void {
    this.#change({ problem: { code, detail } });
  }

  #seen(): Omit<BrowserPhoneView, 'microphones' | 'speakers' | 'problem'> {
    const { state, isMuted, isSilenced, isBlocked, microphone, speaker } = this.#audio;
    return { audio: state, isMuted, isSilenced, isBlocked, microphone, speaker };
  }

  #change(part: Partial<BrowserPhoneView>): void {
    this.#view = { ...this.#view, ...this.#seen(), ...part };
    for (const listener of this.#listeners) listener();
  }
}

/** Before the microphone is allowed, browsers name none of them. */
function devicesOf(all: readonly MediaDeviceInfo[]): readonly Device[] {
  return all
    .filter((it) => it.deviceId !== '')
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}
