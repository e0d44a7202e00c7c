// A window that nobody has used, in a browser that lets no such window sound. Chromium lets one
// that has a microphone open: this one's comes from elsewhere.
import type { BrowserContext, CDPSession } from '@playwright/test';
import { beReadyToTalk, chromiumWith, expect, test } from '../support/phone.js';

// A trace looks into the page, as Playwright itself does: that counts as somebody's use of it.
test.use({ trace: 'off' });

interface PageOfTest {
  readonly outputs?: readonly HTMLMediaElement[];
}

/** What is not captured, and what is played: the page has no such element in its document. */
async function prepare(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    if (!window.isSecureContext) return;
    MediaDevices.prototype.getUserMedia = async () =>
      new AudioContext().createMediaStreamDestination().stream;
    const outputs = new Set<HTMLMediaElement>();
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
      outputs.add(this);
      Object.assign(window, { outputs: [...outputs] });
      return play.call(this);
    };
  });
}

/** Whether each is playing; asked so that it is no use of the page. */
async function outputsOf(browser: CDPSession): Promise<unknown> {
  const look = () => ((window as PageOfTest).outputs ?? []).map((it) => !it.paused);
  const { result } = await browser.send('Runtime.evaluate', {
    expression: `(${look})()`,
    returnByValue: true,
    userGesture: false,
  });
  return result.value;
}

test('sound that the browser keeps back is said, and let out by a button', async ({
  playwright,
  world,
}) => {
  const policy = '--autoplay-policy=document-user-activation-required';
  const chromium = await playwright.chromium.launch(chromiumWith('devices', policy));
  try {
    const context = await chromium.newContext({ locale: 'en-US', permissions: ['microphone'] });
    await prepare(context);
    const used = await context.newPage();
    await beReadyToTalk(used, world);
    await world.call();
    await used.getByRole('button', { name: 'Answer' }).click();
    await expect(used.getByText('The other side hears you.')).toBeVisible();
    expect(await outputsOf(await context.newCDPSession(used))).toEqual([true]);
    const kept = await used.evaluate(() => ({ ...sessionStorage }));
    await used.close();

    const page = await context.newPage();
    const browser = await context.newCDPSession(page);
    await page.addInitScript((entries) => {
      for (const [key, value] of Object.entries(entries)) sessionStorage.setItem(key, value);
    }, kept);
    await page.goto(world.url);
    await expect.poll(() => outputsOf(browser)).toEqual([false]);
    const banner = page.locator('.banner', { hasText: 'You hear nothing: your browser keeps' });
    await expect(banner).toBeVisible();
    expect(await outputsOf(browser)).toEqual([false]);
    await banner.getByRole('button', { name: 'Let the sound through' }).click();
    await expect(banner).toBeHidden();
    expect(await outputsOf(browser)).toEqual([true]);
  } finally {
    await chromium.close();
  }
});
