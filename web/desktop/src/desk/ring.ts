// The ring tone, made on the spot. A browser lets a page sound only after somebody has used it:
// until then `isBlocked` says so, and the page does too.

/** Two notes, then silence: so often, so long, in seconds. */
const periodS = 3;
const notes: readonly (readonly [hz: number, fromS: number, toS: number])[] = [
  [587.33, 0, 0.38],
  [739.99, 0.22, 0.7],
  [587.33, 0.9, 1.28],
  [739.99, 1.12, 1.6],
];
const loudest = 0.16;

export class Ring {
  #context: AudioContext | undefined;
  #stop: (() => void) | undefined;

  /** Call it when somebody presses a key or a button: that is what the browser waits for. */
  unlock(): void {
    this.#context ??= new AudioContext();
    if (this.#context.state === 'suspended') void this.#context.resume();
  }

  get isBlocked(): boolean {
    return this.#context?.state !== 'running';
  }

  get isRinging(): boolean {
    return this.#stop !== undefined;
  }

  start(): void {
    if (this.#stop) return;
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
