// What tests of the browser as the phone start from: a microphone with a tone, a customer with
// another one, and a way for the audio that can be cut.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, LaunchOptions, Page } from '@playwright/test';
import { shareOf, wavOf } from '../../../sdk/test/browser/tone.js';
import { Voice } from '../../../sdk/test/browser/voice.js';
import { AudioPath } from './audio_path.js';
import { test as base, beReady, expect, logIn } from './pages.js';
import type { World } from './world.js';

export { beReady, expect, logIn };

export const agentHz = 1_000;
export const customerHz = 600;
/** Of the power of what is heard; noise and codecs take little of a tone. */
const clearly = 0.8;

/** Chromium, with microphones that have a tone, or without any device. */
export function chromiumWith(
  devices: 'devices' | 'no devices',
  ...more: readonly string[]
): LaunchOptions {
  const folder = fileURLToPath(new URL('../../../../build/desktop-tests/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/tone.wav`, wavOf(agentHz, 2));
  return {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--allow-loopback-in-peer-connection',
      ...(devices === 'devices'
        ? [
            '--use-fake-device-for-media-stream',
            `--use-file-for-fake-audio-capture=${folder}/tone.wav`,
          ]
        : []),
      ...more,
    ],
  };
}

interface PhoneFixtures {
  readonly voice: Voice;
  readonly path: AudioPath;
}

export const test = base.extend<PhoneFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright looks at the pattern
  voice: async ({}, use) => {
    const voice = await Voice.open(customerHz);
    await use(voice);
    voice.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright looks at the pattern
  path: async ({}, use) => {
    const path = new AudioPath();
    await use(path);
    await path.close();
  },
  context: async ({ context, path }, use) => {
    await leadThrough(context, path);
    await use(context);
  },
});

/** What the page does not notice: where its audio goes, and that nobody improves a tone. */
export async function leadThrough(context: BrowserContext, path: AudioPath): Promise<void> {
  await context.exposeBinding('leadAudio', (_, port: number) => path.to(port));
  await context.addInitScript(() => {
    // The empty page that a window begins with has none of it.
    if (!window.isSecureContext) return;
    const page = window as unknown as PageOfTest;
    const setRemote = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
      page.peer = this;
      const sdp = description?.sdp ?? '';
      const port = / (\d+) typ host/.exec(sdp)?.[1] ?? '';
      const near = await page.leadAudio(Number(port));
      const led = sdp.replaceAll(` ${port} typ host`, ` ${near} typ host`);
      await Reflect.apply(setRemote, this, [{ type: 'answer', sdp: led }]);
    };
    const open = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (asked) {
      if (page.failMicrophone) throw new DOMException('As the test wants it.', page.failMicrophone);
      const audio = typeof asked?.audio === 'object' ? asked.audio : {};
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const stream = await open.call(this, { audio: { ...audio, ...plain } });
      page.track = stream.getAudioTracks()[0];
      return stream;
    };
  });
}

interface PageOfTest {
  leadAudio(port: number): Promise<number>;
  /** The last connection, and the last microphone. */
  peer?: RTCPeerConnection;
  track?: MediaStreamTrack | undefined;
  /** What opening a microphone fails with, by its name in Media Capture and Streams. */
  failMicrophone?: string;
  ear?: { track: MediaStreamTrack; analyser: AnalyserNode };
}

export async function failMicrophone(page: Page, name: string | undefined): Promise<void> {
  await page.evaluate((it) => {
    const own = window as unknown as PageOfTest;
    if (it === undefined) delete own.failMicrophone;
    else own.failMicrophone = it;
  }, name);
}

/** As if somebody pulled the plug; a browser tells the page by this event. */
export async function unplug(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { track } = window as unknown as PageOfTest;
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
  });
}

export async function plugIn(page: Page): Promise<void> {
  await page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event('devicechange')));
}

/** How much of what the page is sent is the tone. */
export async function shareHere(page: Page, hz: number): Promise<number> {
  const samples = await page.evaluate(() => {
    const own = window as unknown as PageOfTest;
    const track = own.peer?.getReceivers()[0]?.track;
    if (!track) return [];
    if (own.ear?.track !== track) {
      const context = new AudioContext({ sampleRate: 48_000 });
      const analyser = context.createAnalyser();
      analyser.fftSize = 8_192;
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      own.ear = { track, analyser };
    }
    const samples = new Float32Array(own.ear.analyser.fftSize);
    own.ear.analyser.getFloatTimeDomainData(samples);
    return [...samples];
  });
  return samples.length === 0 ? 0 : shareOf(hz, samples, 48_000);
}

export async function expectBothHear(page: Page, voice: Voice): Promise<void> {
  await expect.poll(() => voice.share(agentHz), { message: 'customer' }).toBeGreaterThan(clearly);
  const here = () => shareHere(page, customerHz);
  await expect.poll(here, { message: 'agent' }).toBeGreaterThan(clearly);
}

export async function expectSilence(voice: Voice): Promise<void> {
  await expect.poll(() => voice.loudness, { message: 'customer' }).toBeLessThan(0.001);
}

export function phoneBar(page: Page) {
  return page.getByRole('region', { name: 'Your audio' });
}

/** Carol's phone is the browser. Ready asks for the microphone, and connects. */
export async function beReadyToTalk(page: Page, world: World): Promise<void> {
  await logIn(page, world, 'carol');
  await beReady(page);
  await expect(phoneBar(page).getByText('Audio is connected.')).toBeVisible();
}

export async function talk(page: Page, world: World, voice: Voice): Promise<void> {
  await beReadyToTalk(page, world);
  await world.call({ voice });
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expectBothHear(page, voice);
  await expect(phoneBar(page).getByText('The other side hears you.')).toBeVisible();
}
