// Whether a page has been told anything, and whether anything of it has changed.
import type { Page } from '@playwright/test';

interface PageOfTest {
  changes?: string[];
}

/** What the server sends the page, over connections that it opens from now on. */
export function framesTo(page: Page): readonly string[] {
  const frames: string[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
  });
  return frames;
}

/**
 * Watches all that is in the page, but for times and levels: what each change led to, also one that
 * was taken back.
 */
export async function watchForChanges(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const look = () => {
      const copy = document.body.cloneNode(true) as HTMLElement;
      for (const it of copy.querySelectorAll('[data-live-announcer], script')) it.remove();
      for (const it of copy.querySelectorAll('meter')) it.removeAttribute('value');
      return copy.outerHTML.replace(/\d+:\d\d(:\d\d)?/g, '0:00');
    };
    let last = look();
    const changes: string[] = [];
    (window as unknown as PageOfTest).changes = changes;
    new MutationObserver(() => {
      const now = look();
      if (now !== last) changes.push(now);
      last = now;
    }).observe(document.body, {
      ...{ subtree: true, childList: true, characterData: true, attributes: true },
    });
  });
  return () => page.evaluate(() => (window as unknown as PageOfTest).changes ?? ['reloaded']);
}
