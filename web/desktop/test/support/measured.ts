// What WebRTC itself says of the audio of a page: https://www.w3.org/TR/webrtc-stats/.
import { expect, type Page } from '@playwright/test';

export interface Measured {
  /** How loud it was within half a second, full scale is 1: what is played, and the microphone. */
  readonly heard: number;
  readonly said: number;
  /** Packets of that time, both ways. */
  readonly received: number;
  readonly sent: number;
  /** Of all packets since the audio was connected: which part never came. */
  readonly lost: number;
}

interface PageOfTest {
  readonly peer?: RTCPeerConnection;
}

/** Of the last connection, from now on. */
export async function measured(page: Page): Promise<Measured> {
  return page.evaluate(async () => {
    const { peer } = window as unknown as PageOfTest;
    if (!peer) throw new Error('There is no connection.');
    type Figures = Readonly<Record<string, number>>;
    const read = async () => {
      const all = [...(await peer.getStats()).values()];
      const one = (type: string): Figures => {
        const found = all.find((it) => it.type === type && it.kind === 'audio');
        if (!found) throw new Error(`There is no ${type}.`);
        return found;
      };
      return {
        inbound: one('inbound-rtp'),
        outbound: one('outbound-rtp'),
        source: one('media-source'),
      };
    };
    const grown = (one: Figures, other: Figures, name: string) =>
      (other[name] ?? Number.NaN) - (one[name] ?? Number.NaN);
    const loudness = (one: Figures, other: Figures) => {
      const energy = grown(one, other, 'totalAudioEnergy');
      return Math.sqrt(energy / grown(one, other, 'totalSamplesDuration'));
    };
    const before = await read();
    for (let looks = 0; looks < 100; looks += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = await read();
      const isLong = (what: 'inbound' | 'source') =>
        grown(before[what], now[what], 'totalSamplesDuration') >= 0.5;
      if (!isLong('inbound') || !isLong('source')) continue;
      const { packetsLost = Number.NaN, packetsReceived = Number.NaN } = now.inbound;
      return {
        heard: loudness(before.inbound, now.inbound),
        said: loudness(before.source, now.source),
        received: grown(before.inbound, now.inbound, 'packetsReceived'),
        sent: grown(before.outbound, now.outbound, 'packetsSent'),
        lost: packetsLost / (packetsLost + packetsReceived),
      };
    }
    throw new Error('The audio stands still.');
  });
}

/** What is loud, and what is not, within half a second of audio that flows both ways. */
export async function expectMeasured(
  page: Page,
  wanted: { readonly heard: boolean; readonly said: boolean },
): Promise<void> {
  const look = async () => {
    const { heard, said, received, sent } = await measured(page);
    // A tone is 0.4; what is neither is in between, and is neither loud nor silent.
    const isLoud = (it: number) => (it > 0.1 ? true : it < 0.002 ? false : it);
    return { heard: isLoud(heard), said: isLoud(said), flows: received > 10 && sent > 10 };
  };
  await expect.poll(look, { message: 'getStats()' }).toEqual({ ...wanted, flows: true });
}
