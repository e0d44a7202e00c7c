// How loud a stream is, for a bar beside a microphone.

/** The quietest that is told from silence, of full scale. */
const floorDb = -60;

export class LevelMeter {
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #source: MediaStreamAudioSourceNode | undefined;

  constructor(context: AudioContext) {
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
  }

  /** Listens to `stream` from now on; to nothing without one. */
  listenTo(stream: MediaStream | undefined): void {
    this.#source?.disconnect();
    this.#source = undefined;
    if (!stream || stream.getAudioTracks().length === 0) return;
    this.#source = (this.#analyser.context as AudioContext).createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  /** From 0 (silence) to 1 (full scale), even steps being even decibels. */
  get level(): number {
    if (!this.#source) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const db = 10 * Math.log10(sum / this.#samples.length);
    return Math.min(1, Math.max(0, 1 - db / floorDb));
  }
}
