import { focusOf, type Interaction } from '@cordboard/client';
import { Check, Phone, PhoneOff, VolumeX, X } from 'lucide-react';
import { actionsOf, isRunning } from '../desk/actions.js';
import { otherSideOf, textIn } from '../desk/people.js';
import { clockText } from '../desk/times.js';
import { useWords, type Words } from '../i18n/index.js';
import { mediaIcons } from './Channels.js';
import { Action, Elapsed } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

/** What is offered, in a few words. */
export function offerText(interaction: Interaction, words: Words): string {
  if (interaction.direction === 'INTERNAL') return words('offer.internal');
  return words(`offer.${interaction.type}`);
}

export function Offer({ interaction }: { interaction: Interaction }) {
  const words = useWords();
  const { desk, ring, preferences } = useSurroundings();
  useDeskView();
  const actions = actionsOf(desk, interaction);
  const talk = focusOf(interaction);
  const person = otherSideOf(interaction);
  const who = person?.title ?? words('work.unknown');
  const Medium = mediaIcons[interaction.type];
  const isCall = interaction.type === 'Telephony';
  const isAnswering =
    isRunning(desk, 'conversation.answer', talk?.target) ||
    isRunning(desk, 'interaction.accept', interaction.target);
  return (
    <section className="offer" aria-label={words('offer.label', { who })}>
      <div className="offer-icon" aria-hidden>
        <Medium size={26} />
      </div>
      <div className="offer-words">
        <p className="offer-what">
          {offerText(interaction, words)} <Elapsed target={interaction.target} />
        </p>
        <p className="offer-who">{who}</p>
        {person?.detail && <p className="offer-detail">{person.detail}</p>}
        <OfferFacts interaction={interaction} />
        {isAnswering && isCall && <p className="offer-detail">{words('offer.answering')}</p>}
        {preferences.hasSound && ring.isBlocked && (
          <p className="offer-detail">
            <VolumeX aria-hidden size={15} /> {words('offer.soundBlocked')}
          </p>
        )}
      </div>
      <div className="offer-buttons">
        <Action
          tone="good"
          icon={isCall ? Phone : Check}
          label={words(isCall ? 'offer.answer' : 'offer.accept')}
          shortcut="answer"
          isPending={isAnswering}
          onPress={() => actions.answer()}
        />
        <Action
          tone="danger"
          icon={isCall ? PhoneOff : X}
          label={words('offer.reject')}
          shortcut="reject"
          isPending={isRunning(desk, 'interaction.reject', interaction.target)}
          onPress={() => actions.reject()}
        />
      </div>
    </section>
  );
}

function OfferFacts({ interaction }: { interaction: Interaction }) {
  const words = useWords();
  const queue = textIn(interaction, 'Queue');
  const waitedMs = Number(textIn(interaction, 'QueueTimeMs'));
  const subject = textIn(interaction, 'Subject');
  const facts = [
    subject,
    queue && words('offer.queue', { queue }),
    waitedMs >= 1000 && words('offer.waited', { time: clockText(waitedMs) }),
  ].filter(Boolean);
  return facts.length > 0 ? <p className="offer-detail">{facts.join(' · ')}</p> : null;
}
