// The audio of an agent whose phone is the browser (`phone-mode = "browser"`; docs/protocol.md,
// "Audio in the browser"): microphone, loudspeaker, and one connection to the server for all calls,
// which is made anew whenever it is lost. An entry of its own, for browsers only.
import { AudioError, microphoneError } from './audio_error.js';
import { type BackOff, defaultBackOff, delayOf } from './back_off.js';
import type { CordboardClient } from './client.js';
import { Emitter, type Listener } from './emitter.js';
import { CommandError } from './errors.js';
import { LevelMeter } from './level_meter.js';
import { findChannel } from './model.js';

export { AudioError, type AudioErrorCode } from './audio_error.js';

/** `reconnecting`: it has been connected, and is being again; the customer hears silence. */
export type AudioState = 'off' | 'connecting' | 'connected' | 'reconnecting';

export interface BrowserAudioOptions {
  readonly client: Pick<CordboardClient, 'ask' | 'on' | 'model' | 'status'>;
  /** Target of the telephony channel. */
  readonly channel: string;
  /** Plays what is heard. Default: an element of its own that is in no page. */
  readonly output?: HTMLAudioElement;
  /** Device ids of devices(); the system's defaults without. */
  readonly microphone?: string;
  readonly speaker?: string;
  /** Beside the device. Default: echo cancellation, noise suppression and gain control. */
  readonly constraints?: MediaTrackConstraints;
  readonly backOff?: BackOff;
}

export interface AudioDevices {
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
}

export interface AudioTellings {
  readonly state: AudioState;
  /** The agent's own switch; the server's is `muted` of the conversation. Show both. */
  readonly muted: boolean;
  /** By the system, or a switch of the headset: the microphone is, and nothing here undoes it. */
  readonly silenced: boolean;
  /** Device id of the microphone in use; undefined: there is none, and silence is sent. */
  readonly microphone: string | undefined;
  /** The browser lets no sound out before the person has used the page: unblock(). */
  readonly blocked: boolean;
  /** Something was plugged in or out. */
  readonly devices: AudioDevices;
  /** Something is wrong; what can be tried again is. */
  readonly problem: AudioError;
}

/** Longer than a connection that only hiccups, shorter than the server waits. */
const hiccupMs = 1_500;
/** No audio so long after the answer: the way is tried anew. */
const connectMs = 8_000;

/**
 * ```ts
 * const audio = new BrowserAudio({ client, channel: channel.target });
 * await audio.start();          // in a click, so that the browser lets sound be played
 * await client.ask('channel.activate', channel.target);
 * ```
 */
export class BrowserAudio {
  readonly #options: BrowserAudioOptions;
  readonly #tellings = new Emitter<AudioTellings>();
  readonly #output: HTMLAudioElement;
  readonly #ends: (() => void)[] = [];
  #state: AudioState = 'off';
  #isMuted = false;
  #isBlocked = false;
  #microphone: MediaStream | undefined;
  #microphoneId: string | undefined;
  #remote: MediaStream | undefined;
  #peer: RTCPeerConnection | undefined;
  #context: AudioContext | undefined;
  #meters: { microphone: LevelMeter; speaker: LevelMeter } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #isAsking = false;

  constructor(options: BrowserAudioOptions) {
    this.#options = options;
    this.#output = options.output ?? new Audio();
    this.#output.autoplay = true;
    this.#microphoneId = options.microphone;
  }

  get state(): AudioState {
    return this.#state;
  }
  get isMuted(): boolean {
    return this.#isMuted;
  }
  get isSilenced(): boolean {
    return this.#track()?.muted ?? false;
  }
  get isBlocked(): boolean {
    return this.#isBlocked;
  }
  /** Device ids of what is in use. */
  get microphone(): string | undefined {
    return this.#track()?.getSettings().deviceId;
  }
  get speaker(): string {
    return this.#output.sinkId ?? '';
  }
  /** What is heard, for a page that plays or shows it itself. */
  get remoteStream(): MediaStream | undefined {
    return this.#remote;
  }
  /** How loud it is now, each from 0 to 1. For a bar, asked for with every frame. */
  get levels(): { readonly microphone: number; readonly speaker: number } {
    return {
      microphone: this.#meters?.microphone.level ?? 0,
      speaker: this.#meters?.speaker.level ?? 0,
    };
  }

  on<Name extends keyof AudioTellings>(
    name: Name,
    listener: Listener<AudioTellings[Name]>,
  ): () => void {
    return this.#tellings.on(name, listener);
  }

  /**
   * Opens the microphone and connects. Resolves when audio can pass; from then on it is kept
   * connected until stop(). Rejects with AudioError, and everything is off again.
   */
  async start(): Promise<void> {
    if (this.#state !== 'off') return;
    if (!globalThis.navigator?.mediaDevices || !globalThis.RTCPeerConnection) {
      throw new AudioError('unsupported', 'Audio needs WebRTC and a page over HTTPS.');
    }
    this.#become('connecting');
    try {
      await this.#openMicrophone(this.#microphoneId);
      this.#watch();
      if (this.#options.speaker !== undefined) await this.chooseSpeaker(this.#options.speaker);
      await this.#connect();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Closes all of it. The server waits a while for the audio to come back; see the protocol. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const end of this.#ends.splice(0)) end();
    this.#closePeer();
    this.#stopMicrophone();
    void this.#context?.close();
    this.#context = undefined;
    this.#meters = undefined;
    this.#output.srcObject = null;
    this.#remote = undefined;
    this.#setBlocked(false);
    this.#become('off');
  }

  /** The network may be back: what is being tried again is tried now. */
  hurry(): void {
    if (this.#state === 'reconnecting') this.#reconnect(0);
  }

  /** In a click or a key press: lets out the sound that the browser has kept back. */
  async unblock(): Promise<void> {
    if (this.#context?.state === 'suspended') await this.#context.resume();
    if (this.#isBlocked) await this.#play();
  }

  /** Silence instead of the microphone; the connection goes on. */
  mute(isMuted: boolean): void {
    this.#isMuted = isMuted;
    for (const track of this.#microphone?.getAudioTracks() ?? []) track.enabled = !isMuted;
    this.#tellings.emit('muted', isMuted);
  }

  /** Takes another microphone, also during a call; undefined: the system's default. */
  async chooseMicrophone(id: string | undefined): Promise<void> {
    if (this.#state === 'off') {
      this.#microphoneId = id;
      return;
    }
    await this.#openMicrophone(id);
    const sender = this.#peer?.getSenders()[0];
    await sender?.replaceTrack(this.#track());
  }

  async chooseSpeaker(id: string): Promise<void> {
    try {
      await this.#output.setSinkId(id);
    } catch (error) {
      throw new AudioError('speaker-failed', 'The loudspeaker cannot be used.', error);
    }
  }

  /** Their names are known once the microphone has been allowed. */
  async devices(): Promise<AudioDevices> {
    const all = await navigator.mediaDevices.enumerateDevices();
    return {
      microphones: all.filter((it) => it.kind === 'audioinput'),
      speakers: all.filter((it) => it.kind === 'audiooutput'),
    };
  }

  // --- Microphone and meters ------------------------------------------------------------------

  async #openMicrophone(id: string | undefined): Promise<void> {
    const device = id === undefined ? {} : { deviceId: { exact: id } };
    const audio = { ...this.#options.constraints, ...device };
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      throw microphoneError(error);
    }
    // A person may take long to allow it.
    if (this.#state === 'off') {
      for (const it of stream.getTracks()) it.stop();
      throw new AudioError('stopped', 'The audio was switched off meanwhile.');
    }
    this.#stopMicrophone();
    this.#microphone = stream;
    this.#microphoneId = id;
    const track = this.#track();
    if (track) this.#follow(track);
    this.#measure();
  }

  #follow(track: MediaStreamTrack): void {
    const tell = () => this.#tellings.emit('silenced', this.isSilenced);
    track.enabled = !this.#isMuted;
    track.onended = () => this.#microphoneGone(track);
    track.onmute = tell;
    track.onunmute = tell;
    this.#tellings.emit('microphone', this.microphone);
    tell();
  }

  #track(): MediaStreamTrack | null {
    return this.#microphone?.getAudioTracks()[0] ?? null;
  }

  #stopMicrophone(): void {
    for (const track of this.#microphone?.getTracks() ?? []) {
      track.onended = track.onmute = track.onunmute = null;
      track.stop();
    }
    this.#microphone = undefined;
  }

  // The system's default, if there is one left, is better than silence.
  #microphoneGone(track: MediaStreamTrack): void {
    if (track !== this.#track()) return;
    this.#stopMicrophone();
    this.#measure();
    this.#tellings.emit('microphone', undefined);
    this.#complain(new AudioError('microphone-gone', 'The microphone was unplugged.'));
    this.chooseMicrophone(undefined).catch((error: unknown) => this.#complain(error));
  }

  #measure(): void {
    this.#context ??= new AudioContext();
    this.#meters ??= {
      microphone: new LevelMeter(this.#context),
      speaker: new LevelMeter(this.#context),
    };
    this.#meters.microphone.listenTo(this.#microphone);
    this.#meters.speaker.listenTo(this.#remote);
  }

  // --- The connection -------------------------------------------------------------------------

  // What the server says counts as much as what the browser sees: after a restart of it, and when
  // its packets come and ours do not arrive, the browser sees nothing wrong.
  #watch(): void {
    const { client } = this.#options;
    this.#ends.push(
      client.on('model', () => this.#compare()),
      client.on('over', () => this.stop()),
    );
    const onDevices = () => {
      this.devices().then(
        (devices) => this.#tellings.emit('devices', devices),
        (error: unknown) => this.#complain(error),
      );
    };
    const onOnline = () => this.#reconnect(0);
    navigator.mediaDevices.addEventListener('devicechange', onDevices);
    globalThis.addEventListener('online', onOnline);
    this.#ends.push(
      () => navigator.mediaDevices.removeEventListener('devicechange', onDevices),
      () => globalThis.removeEventListener('online', onOnline),
    );
  }

  #compare(): void {
    const { client, channel } = this.#options;
    if (this.#state !== 'connected' || client.status !== 'open' || !client.model) return;
    const media = findChannel(client.model, channel)?.media;
    if (media === 'NONE' || media === 'LOST') this.#reconnect(0);
  }

  async #connect(): Promise<void> {
    this.#closePeer();
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.#peer = peer;
    const track = this.#track();
    peer.addTransceiver(track ?? 'audio', { direction: 'sendrecv' });
    peer.ontrack = ({ track: heard }) => this.#hear(new MediaStream([heard]));
    peer.onconnectionstatechange = () => this.#look(peer);
    await this.#negotiate(peer, {});
  }

  // The server is ICE-lite and learns our address from our checks: there is no candidate to wait
  // for, neither way.
  async #negotiate(peer: RTCPeerConnection, options: RTCOfferOptions): Promise<void> {
    await peer.setLocalDescription(await peer.createOffer(options));
    const sdp = peer.localDescription?.sdp ?? '';
    try {
      const answer = await this.#options.client.ask(
        'channel.request.media',
        this.#options.channel,
        {
          description: { type: 'offer', sdp },
        },
      );
      await peer.setRemoteDescription(answer.description);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new AudioError('refused', `The server refuses the audio: ${error.message}`, error);
    }
    await this.#isConnected(peer);
  }

  #isConnected(peer: RTCPeerConnection): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (then: () => void) => {
        clearTimeout(timer);
        peer.removeEventListener('connectionstatechange', look);
        then();
      };
      const fail = () =>
        end(() => reject(new AudioError('unreachable', 'No audio gets through to the server.')));
      const look = () => {
        const state = peer.connectionState;
        if (state === 'connected') end(resolve);
        if (state === 'failed' || state === 'closed') fail();
      };
      const timer = setTimeout(fail, connectMs);
      peer.addEventListener('connectionstatechange', look);
      look();
    });
  }

  #hear(stream: MediaStream): void {
    this.#remote = stream;
    this.#output.srcObject = stream;
    this.#measure();
    void this.#play();
  }

  // Where a page may not play before the person has used it, the desktop shows a button for it.
  async #play(): Promise<void> {
    try {
      await this.#output.play();
      this.#setBlocked(false);
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'NotAllowedError') this.#setBlocked(true);
      // Another stream has taken the place of this one, and is played itself.
      else if (name !== 'AbortError') {
        this.#complain(new AudioError('speaker-failed', 'The sound cannot be played.', error));
      }
    }
  }

  #setBlocked(isBlocked: boolean): void {
    if (this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#tellings.emit('blocked', isBlocked);
  }

  #look(peer: RTCPeerConnection): void {
    if (peer !== this.#peer) return;
    switch (peer.connectionState) {
      case 'connected':
        this.#tries = 0;
        clearTimeout(this.#timer);
        return this.#become('connected');
      case 'disconnected':
        return this.#reconnect(hiccupMs);
      case 'failed':
        return this.#reconnect(0);
    }
  }

  #reconnect(afterMs: number): void {
    if (this.#state === 'off' || this.#state === 'connecting') return;
    this.#become('reconnecting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tryAgain(), afterMs);
  }

  // First over the same connection, which keeps its keys; then by a new one.
  async #tryAgain(): Promise<void> {
    if (this.#isAsking || this.#state === 'off') return;
    this.#isAsking = true;
    const isFirst = this.#tries++ === 0;
    const peer = this.#peer;
    const canRestart = isFirst && peer && peer.connectionState !== 'closed' && !this.#isForgotten();
    try {
      if (canRestart) await this.#negotiate(peer, { iceRestart: true });
      else await this.#connect();
      this.#tries = 0;
      this.#become('connected');
    } catch (error) {
      this.#complain(error);
      this.#reconnect(delayOf(this.#options.backOff ?? defaultBackOff, this.#tries, Math.random));
    } finally {
      this.#isAsking = false;
    }
  }

  // The server has no connection that could go on.
  #isForgotten(): boolean {
    const { client, channel } = this.#options;
    return !client.model || findChannel(client.model, channel)?.media === 'NONE';
  }

  #closePeer(): void {
    if (!this.#peer) return;
    this.#peer.onconnectionstatechange = null;
    this.#peer.ontrack = null;
    this.#peer.close();
    this.#peer = undefined;
  }

  #become(state: AudioState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#tellings.emit('state', state);
  }

  #complain(error: unknown): void {
    if (this.#state === 'off') return;
    const isOurs = error instanceof AudioError;
    this.#tellings.emit(
      'problem',
      isOurs ? error : new AudioError('unreachable', String(error), error),
    );
  }
}
