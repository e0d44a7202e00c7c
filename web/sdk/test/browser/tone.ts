// Tones: made, put on a line as G.711, and looked for in what is heard.
const rate = 8_000;

/** Full scale is 1. */
export function toneSamples(hz: number, from: number, count: number, sampleRate = rate): number[] {
  return Array.from(
    { length: count },
    (_, i) => 0.4 * Math.sin((2 * Math.PI * hz * (from + i)) / sampleRate),
  );
}

/** Goertzel: how much of the samples' power is at `hz`, from 0 to 1; 0 for silence. */
export function shareOf(hz: number, samples: ArrayLike<number>, sampleRate = rate): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let [one, two, power] = [0, 0, 0];
  for (let i = 0; i < samples.length; ++i) {
    const sample = samples[i] ?? 0;
    [one, two] = [sample + turn * one - two, one];
    power += sample * sample;
  }
  if (power / samples.length < 1e-7) return 0;
  return (2 * (one * one + two * two - turn * one * two)) / (power * samples.length);
}

/** G.711 mu-law, ITU-T G.711. */
export function muLawOf(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.round(Math.abs(sample) * 32_767), 32_635) + 132;
  const exponent = Math.max(0, 24 - Math.clz32(magnitude));
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

export function ofMuLaw(octet: number): number {
  const bits = ~octet & 0xff;
  const exponent = (bits >> 4) & 7;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << exponent) - 132;
  return (bits & 0x80 ? -magnitude : magnitude) / 32_768;
}

/** A WAV file of one channel, 16 bits, as Chromium's fake microphone takes it. */
export function wavOf(hz: number, seconds: number, sampleRate = 48_000): Uint8Array {
  const samples = toneSamples(hz, 0, seconds * sampleRate, sampleRate);
  const out = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at: number, word: string) => {
    for (let i = 0; i < word.length; ++i) out.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, 'RIFF');
  out.setUint32(4, 36 + 2 * samples.length, true);
  text(8, 'WAVEfmt ');
  out.setUint32(16, 16, true);
  out.setUint16(20, 1, true);
  out.setUint16(22, 1, true);
  out.setUint32(24, sampleRate, true);
  out.setUint32(28, 2 * sampleRate, true);
  out.setUint16(32, 2, true);
  out.setUint16(34, 16, true);
  text(36, 'data');
  out.setUint32(40, 2 * samples.length, true);
  samples.forEach((it, i) => {
    out.setInt16(44 + 2 * i, Math.round(it * 32_767), true);
  });
  return new Uint8Array(out.buffer);
}

/** The two channels of a recording. */
export function channelsOf(wav: Buffer): { left: number[]; right: number[] } {
  const left: number[] = [];
  const right: number[] = [];
  for (let at = 44; at + 4 <= wav.length; at += 4) {
    left.push(wav.readInt16LE(at) / 32_768);
    right.push(wav.readInt16LE(at + 2) / 32_768);
  }
  return { left, right };
}
