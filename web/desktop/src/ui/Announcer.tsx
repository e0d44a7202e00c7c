import { allInteractions, focusOf, type Interaction, type Model } from '@cordboard/client';
import { useEffect } from 'react';
import { otherSideOf } from '../desk/people.js';
import { useWords, type Words } from '../i18n/index.js';
import { offerText } from './Offer.js';
import { useSurroundings } from './surroundings.js';

/** For ears and other windows: what is said by a screen reader, the ring tone, the page's title. */
export function Announcer({ model }: { model: Model }) {
  const words = useWords();
  const { ring, preferences } = useSurroundings();
  const all = allInteractions(model);
  const offer = all.find((it) => it.state === 'ALERTING');
  const said = offer ? offerSaid(offer, words) : '';
  const isRinging = offer !== undefined && preferences.hasSound;

  useEffect(() => {
    document.title = said ? `● ${said} – ${words('app.name')}` : words('app.name');
  }, [said, words]);

  useEffect(() => ring.comeFrom(preferences.speaker), [ring, preferences.speaker]);
  useEffect(() => {
    if (isRinging) ring.start();
    return () => ring.stop();
  }, [isRinging, ring]);

  return (
    <>
      <div className="visually-hidden" role="alert">
        {said}
      </div>
      <div className="visually-hidden" role="status">
        {all
          .filter((it) => it !== offer)
          .map((it) => stateSaid(it, words))
          .join('. ')}
      </div>
    </>
  );
}

function offerSaid(interaction: Interaction, words: Words): string {
  const who = otherSideOf(interaction)?.title ?? words('work.unknown');
  return words('offer.said', { what: offerText(interaction, words), who });
}

function stateSaid(interaction: Interaction, words: Words): string {
  if (interaction.state === 'ENDED') return words('wrapUp.title');
  const focus = focusOf(interaction);
  if (!focus) return words('task.started');
  const state = words(`call.${focus.state}`);
  return focus.muted ? `${state}, ${words('call.muted')}` : state;
}
