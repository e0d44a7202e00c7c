// A supervisor at work, with a real server: an agent who talks in the browser, a customer, and the
// supervisor's own phone, each with a tone. What each of them hears is what the floor says.
import type { Page } from '@playwright/test';
import { Voice } from '../../../sdk/test/browser/voice.js';
import { actOn, beReady, chooseState, stateButton } from '../support/pages.js';
import {
  agentHz,
  test as base,
  beReadyToTalk,
  chromiumWith,
  customerHz,
  expect,
  expectBothHear,
  logIn,
  shareHere,
} from '../support/phone.js';
import { framesTo, watchForChanges } from '../support/unchanged.js';
import type { World } from '../support/world.js';

const supervisorHz = 1_700;
const tones = { customer: customerHz, agent: agentHz, supervisor: supervisorHz };
type Who = keyof typeof tones;
const everybody = ['customer', 'agent', 'supervisor'] as const satisfies readonly Who[];

/** Of the power of what is heard: three voices at once have a third each. */
const audible = 0.2;

const test = base.extend<{ sues: Voice }>({
  sues: async ({ world }, use) => {
    const sues = await Voice.open(supervisorHz);
    world.supervisorPhone(sues);
    await use(sues);
    sues.close();
  },
});

test.use({ launchOptions: chromiumWith('devices'), permissions: ['microphone'] });

/** These; and nobody else within a second: what comes late is noticed too. */
async function expectHears(
  listener: Who,
  share: (hz: number) => number | Promise<number>,
  wanted: readonly Who[],
): Promise<void> {
  const looks: Who[][] = [];
  const look = async () => {
    const heard: Who[] = [];
    for (const who of everybody) {
      if ((await share(tones[who])) > audible) heard.push(who);
    }
    looks.push(heard);
    const lately = looks.slice(-5);
    const others = everybody.filter((it) => lately.flat().includes(it) && !wanted.includes(it));
    return { heard, others, looks: lately.length };
  };
  await expect
    .poll(look, { message: `what the ${listener} hears`, intervals: [200] })
    .toEqual({ heard: wanted, others: [], looks: 5 });
}

async function openFloor(page: Page, world: World): Promise<void> {
  await logIn(page, world, 'sue');
  await chooseState(page, 'Not ready');
  await page.getByRole('button', { name: 'Floor' }).click();
  await page.locator('[data-agent="carol"]').waitFor();
}

const rowOf = (page: Page, agent: string) => page.locator(`[data-agent="${agent}"]`);

test('a call is seen coming, listened to, helped with, joined and taken', async ({
  page,
  context,
  world,
  voice,
  sues,
}) => {
  test.slow();
  const told = framesTo(page);
  const floor = await context.newPage();
  await openFloor(floor, world);
  const carol = rowOf(floor, 'carol');
  const queue = floor.locator('.queue');
  await expect(carol).toContainText('Not logged in');
  await expect(queue).toContainText('0 waiting');

  // It waits, is offered, and is talked: each with a timer.
  await world.call({ number: '493012345', voice });
  await expect(queue).toContainText('1 waiting');
  await expect(queue).toContainText('Nobody is free');
  await expect(queue).toContainText(/longest \d+:\d[1-9]/);
  await logIn(page, world, 'carol');
  await chooseState(page, 'Ready');
  await expect(carol).toContainText(/Offer \d+:\d\d/);
  await expect(carol).toContainText('493012345 · support');
  await expect(queue).toContainText('0 waiting');
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(carol).toContainText(/Busy \d+:\d\d/);
  await expect(queue).toContainText('busy 1');
  await expectBothHear(page, voice);

  // Whatever the supervisor does until the call is taken: the agent's page is told nothing.
  const changes = await watchForChanges(page);
  const toldBefore = told.length;
  const expectUnnoticed = async () => {
    // The page asks now and then whether the connection is alive; the answer is no event.
    const isTelling = (it: string) => it.includes('"objectEvent"') || it.includes('"sue"');
    expect(told.slice(toldBefore).filter(isTelling), 'told to the agent').toEqual([]);
    expect(await changes(), 'shown to the agent').toEqual([]);
  };
  const agentHears = (...who: Who[]) => expectHears('agent', (hz) => shareHere(page, hz), who);
  const customerHears = (...who: Who[]) => expectHears('customer', (hz) => voice.share(hz), who);
  const supervisorHears = (...who: Who[]) => expectHears('supervisor', (hz) => sues.share(hz), who);

  await actOn(floor, 'Carol Clark', 'Listen');
  const bar = floor.getByRole('region', { name: 'You are listening to Carol Clark' });
  await expect(bar).toContainText('Nobody hears you.');
  await expect(carol).toContainText('Sue Stone is listening');
  await supervisorHears('customer', 'agent');
  await agentHears('customer');
  await customerHears('agent');
  await expectUnnoticed();

  await bar.getByRole('button', { name: 'Whisper' }).click();
  await expect(bar).toContainText('Only the agent hears you.');
  await agentHears('customer', 'supervisor');
  await customerHears('agent');
  await supervisorHears('customer', 'agent');
  await expectUnnoticed();

  await bar.getByRole('button', { name: 'Join in' }).click();
  await expect(bar).toContainText('Everybody in the call hears you.');
  await customerHears('agent', 'supervisor');
  await agentHears('customer', 'supervisor');
  await supervisorHears('customer', 'agent');
  await expectUnnoticed();

  await bar.getByRole('button', { name: 'Listen', exact: true }).click();
  await expect(bar).toContainText('Nobody hears you.');
  await agentHears('customer');
  await customerHears('agent');
  await expectUnnoticed();

  await bar.getByRole('button', { name: 'Take the call' }).click();
  await expect(page.locator('.talk', { hasText: 'The call has ended.' })).toBeVisible();
  await expect(stateButton(page)).toHaveText(/Wrap-up/);
  await expect(bar).toBeHidden();
  await expect(carol).toContainText('Wrap-up');
  await customerHears();
  await floor.getByRole('button', { name: 'Answer' }).click();
  await expect(floor.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await customerHears('supervisor');
  await supervisorHears('customer');
  await agentHears();
});

test('a phone that is off is switched on first; who stops listening is heard by nobody', async ({
  page,
  context,
  world,
  voice,
  sues,
}) => {
  test.slow();
  const floor = await context.newPage();
  await logIn(floor, world, 'sue');
  await floor.getByRole('button', { name: 'Floor' }).click();
  await beReadyToTalk(page, world);
  await world.call({ voice });
  await page.getByRole('button', { name: 'Answer' }).click();
  await expectBothHear(page, voice);

  await expect(floor.getByText('switch your own phone on')).toBeVisible();
  await floor.getByRole('button', { name: 'Switch my phone on' }).click();
  await actOn(floor, 'Carol Clark', 'Join in');
  await expectHears('customer', (hz) => voice.share(hz), ['agent', 'supervisor']);
  const bar = floor.getByRole('region', { name: 'You are listening to Carol Clark' });
  await bar.getByRole('button', { name: 'Stop listening' }).click();
  await expect(bar).toBeHidden();
  await expect(rowOf(floor, 'carol')).not.toContainText('is listening');
  await expectHears('customer', (hz) => voice.share(hz), ['agent']);
  await expectHears('agent', (hz) => shareHere(page, hz), ['customer']);
  await expectHears('supervisor', (hz) => sues.share(hz), []);
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
});

test('states are set, and who is free is logged out', async ({ page, context, world }) => {
  const floor = await context.newPage();
  await openFloor(floor, world);
  await logIn(page, world);
  await beReady(page);
  const alice = rowOf(floor, 'alice');
  await expect(alice).toContainText('Ready');

  await actOn(floor, 'Alice Adams', 'Lunch break');
  await expect(stateButton(page)).toHaveText(/Not ready.*Lunch break/);
  await expect(alice).toContainText(/Not ready \d+:\d\d\s*Lunch break/);
  await actOn(floor, 'Alice Adams', 'Ready');
  await expect(stateButton(page)).toHaveText(/Ready/);
  await expect(alice).toContainText(/Ready \d+:\d\d/);

  // During a call what is set is for afterwards, and nobody is logged out.
  await world.call();
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(alice).toContainText('Busy');
  await actOn(floor, 'Alice Adams', 'Training');
  await expect(page.getByText('Afterwards: Not ready – Training')).toBeVisible();
  await expect(alice).toContainText('Afterwards: Not ready');
  await floor.getByRole('button', { name: 'Actions for Alice Adams' }).click();
  const logOut = floor.getByRole('menuitem', { name: 'Log out …' });
  await expect(logOut).toHaveAttribute('aria-disabled', 'true');
  await floor.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Hang up' }).click();
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(stateButton(page)).toHaveText(/Not ready.*Training/);

  await actOn(floor, 'Alice Adams', 'Log out …');
  await floor.getByRole('alertdialog').getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByText('A supervisor has ended your session.')).toBeVisible();
  await expect(alice).toContainText('Not logged in');
});
