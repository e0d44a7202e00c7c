import { findInteraction, type Interaction } from '@cordboard/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onDevices, PhoneKeeper, phoneMaker } from './audio/phone_keeper.js';
import { Desk } from './desk/desk.js';
import { Ring } from './desk/ring.js';
import { screenPopUrl } from './desk/screen_pop.js';
import { fetchSite, type Site } from './desk/site.js';
import { memoryIn } from './desk/storage.js';
import { Bridge } from './embed/bridge.js';
import { partnerOf } from './embed/protocol.js';
import './styles/base.css';
import './styles/desktop.css';
import './styles/work.css';
import { App } from './ui/App.js';

function agentUrl(): string {
  const url = new URL('/v1/agent', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Opens what belongs to a call, when it is taken; the page around does it itself, if there is one. */
function popScreens(desk: Desk, site: Site, bridge: Bridge | undefined): void {
  const pop = (interaction: Interaction) => {
    const url = site.screenPop && screenPopUrl(site.screenPop, interaction['interaction-data']);
    if (bridge) bridge.screenPop(interaction, url);
    else if (url) window.open(url, '_blank', 'noopener,noreferrer');
  };
  desk.onEvent((event, model) => {
    if (event.name !== 'interaction.screenpop') return;
    const interaction = findInteraction(model, event.target);
    if (interaction) pop(interaction);
  });
}

const memory = memoryIn(sessionStorage);
const desk = new Desk({ url: agentUrl(), memory, nowMs: () => Date.now() });
const phones = new PhoneKeeper(desk, phoneMaker(memory));
const ring = new Ring();
const site = await fetchSite();
const partner = partnerOf(location.search, site.embedOrigins, window.parent !== window);
const bridge = partner === undefined ? undefined : new Bridge(desk, partner, phones.getPhone);
popScreens(desk, site, bridge);

window.addEventListener('online', () => desk.hurry());
onDevices(() => ring.findSpeaker());
for (const used of ['pointerdown', 'keydown']) {
  const letSoundOut = () => {
    ring.unlock();
    phones.getPhone()?.unblock();
  };
  window.addEventListener(used, letSoundOut, { passive: true });
}

const root = document.getElementById('root');
if (!root) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <App {...{ desk, site, ring, phones }} />
  </StrictMode>,
);
void desk.returnIfPossible();
