// The ring tone, made on the spot. A browser lets a page sound only after somebody has used it:
// until then `isBlocked` says so, and the page does too. It comes from the loudspeaker that was
// chosen for calls; where that cannot be, from the system's default one, and `isElsewhere` says so.

/** Two notes, then silence: so often, so long, in seconds. */
const periodS = 3;
const notes: readonly (readonly [hz: number, fromS: number, toS: number])[] = [
  [587.33, 0, 0.38],
  [739.99, 0.22, 0.7],
  [587.33, 0.9, 1.28],
  [739.99, 1.12, 1.6],
];
const loudest = 0.16;

/** Not every browser has it: https://www.w3.org/TR/webaudio-1.1/#dom-audiocontext-setsinkid. */
export type RingContext = AudioContext & { setSinkId?(id: string): Promise<void> };

export class Ring {
  readonly #open: () => RingContext;
  readonly #listeners = new Set<() => void>();
  #context: RingContext | undefined;
  #stop: (() => void) | undefined;
  #speaker = '';
  #isElsewhere = false;
  #hasBeenMoved = false;

  constructor(open: () => RingContext = () => new AudioContext()) {
    this.#open = open;
  }

  /** Call it when somebody presses a key or a button: that is what the browser waits for. */
  unlock(): void {
    if (!this.#context) {
      this.#context = this.#open();
      this.findSpeaker();
    }
    if (this.#context.state === 'suspended') void this.#context.resume();
  }

  /** From this loudspeaker, by the id of its device; undefined: from the system's default one. */
  comeFrom(speaker: string | undefined): void {
    this.#speaker = speaker === undefined || speaker === 'default' ? '' : speaker;
    this.findSpeaker();
  }

  /** Something was plugged in or out: the one that was chosen may be gone, or be there again. */
  findSpeaker(): void {
    void this.#findSpeaker(this.#speaker);
  }

  /** For useSyncExternalStore: whether it does not come from the loudspeaker that was chosen. */
  readonly isElsewhere = (): boolean => this.#isElsewhere;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get isBlocked(): boolean {
    return this.#context?.state !== 'running';
  }

  get isRinging(): boolean {
    return this.#stop !== undefined;
  }

  start(): void {
    if (this.#stop) return;
    // Before the microphone is allowed no loudspeaker is.
    if (this.#isElsewhere) this.findSpeaker();
    const play = () => this.#playOnce();
    play();
    const timer = setInterval(play, periodS * 1000);
    this.#stop = () => clearInterval(timer);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Once, to try it. */
  playOnce(): void {
    this.unlock();
    this.#playOnce();
  }

  // By way of the default one: that it is gone is not noticed of one that is in use. Who has chosen
  // none is left alone: where there is no loudspeaker at all, choosing the default one is an error.
  async #findSpeaker(wanted: string): Promise<void> {
    if (!this.#context || (wanted === '' && !this.#hasBeenMoved)) return;
    this.#hasBeenMoved = true;
    await this.#moveTo('');
    if (wanted !== this.#speaker) return;
    const isElsewhere = wanted !== '' && !(await this.#moveTo(wanted));
    if (wanted !== this.#speaker || isElsewhere === this.#isElsewhere) return;
    this.#isElsewhere = isElsewhere;
    for (const listener of this.#listeners) listener();
  }

  async #moveTo(speaker: string): Promise<boolean> {
    try {
      if (!this.#context?.setSinkId) return false;
      await this.#context.setSinkId(speaker);
      return true;
    } catch {
      return false;
    }
  }

  #playOnce(): void {
    const context = this.#context;
    if (context?.state !== 'running') return;
    const now = context.currentTime;
    for (const [hz, fromS, toS] of notes) {
      const note = context.createOscillator();
      const volume = context.createGain();
      note.type = 'sine';
      note.frequency.value = hz;
      volume.gain.setValueAtTime(0, now + fromS);
      volume.gain.linearRampToValueAtTime(loudest, now + fromS + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.001, now + toS);
      note.connect(volume).connect(context.destination);
      note.start(now + fromS);
      note.stop(now + toS + 0.05);
    }
  }
}
