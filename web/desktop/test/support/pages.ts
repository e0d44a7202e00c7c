// What every browser test starts from: a world, and a page that breaks no rule of its policy.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { password, World, type WorldOptions } from './world.js';

export { expect, password };

interface Fixtures {
  readonly worldOptions: WorldOptions;
  readonly world: World;
}

export const test = base.extend<Fixtures>({
  worldOptions: [{}, { option: true }],
  world: async ({ worldOptions }, use) => {
    const world = await World.start(worldOptions);
    await use(world);
    await world.stop();
  },
  // A page whose policy was violated, or that has thrown, fails its test.
  context: async ({ context }, use) => {
    const faults: string[] = [];
    context.on('weberror', (error) => faults.push(String(error.error())));
    context.on('console', (message) => {
      const isExpected =
        message.text().includes('net::ERR_') || message.text().includes('WebSocket');
      if (message.type() === 'error' && !isExpected) faults.push(message.text());
    });
    await context.exposeBinding('reportViolation', (_, text: string) => faults.push(text));
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const { reportViolation } = window as unknown as Record<string, (text: string) => void>;
        reportViolation?.(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    await use(context);
    expect(faults).toEqual([]);
  },
});

export async function logIn(page: Page, world: World, agent = 'alice'): Promise<void> {
  await page.goto(world.url);
  await page.getByLabel('Agent').fill(agent);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

export function stateButton(page: Page, medium = 'Phone') {
  return page.getByRole('button', { name: `Change state: ${medium}` });
}

export async function chooseState(page: Page, name: string, medium = 'Phone'): Promise<void> {
  await stateButton(page, medium).click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}

export async function beReady(page: Page): Promise<void> {
  await chooseState(page, 'Ready');
  await expect(stateButton(page)).toHaveText(/Ready/);
}

/** Logs in, becomes ready, and answers the call of a customer. */
export async function beInACall(page: Page, world: World): Promise<void> {
  await logIn(page, world);
  await beReady(page);
  await world.call();
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
}

/** On the floor: something that can be done about an agent. */
export async function actOn(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

const screenshots = fileURLToPath(new URL('../../../../build/screenshots/', import.meta.url));

async function expectNoFindings(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    // What has just been said to screen readers there may be of a button that is gone by now.
    .exclude('[data-live-announcer]')
    .analyze();
  const found = violations.map((it) => [it.id, it.nodes.map((node) => node.html)]);
  expect.soft(found, name).toEqual([]);
}

/**
 * Looks at the view in both themes and both widths: a picture of each is kept for people to
 * look at, and axe finds nothing in the light wide one and the dark narrow one.
 */
export async function examine(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  const before = page.viewportSize();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: width === 360 ? 740 : 860 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      if ((width === 1280) === (colorScheme === 'light')) await expectNoFindings(page, name);
      const isTooWide = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect.soft(isTooWide, `${name} is wider than ${width}`).toBe(false);
      await page.screenshot({ path: `${screenshots}/${name}-${width}-${colorScheme}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}
