import { type Conversation, focusOf, type Interaction } from '@cordboard/client';
import {
  ArrowLeftRight,
  ArrowRightLeft,
  ExternalLink,
  Grip,
  Mic,
  MicOff,
  Pause,
  Phone,
  PhoneOff,
  Play,
  UserMinus,
} from 'lucide-react';
import { useRef, useSyncExternalStore } from 'react';
import { Toolbar } from 'react-aria-components';
import type { BrowserPhone } from '../audio/browser_phone.js';
import { actionsOf, type CallActions, isRunning } from '../desk/actions.js';
import { otherSideOf, personOf } from '../desk/people.js';
import { screenPopUrl } from '../desk/screen_pop.js';
import { type Key, useWords } from '../i18n/index.js';
import { mediaIcons } from './Channels.js';
import { HandOver } from './HandOver.js';
import { Keypad } from './Keypad.js';
import { Action, Elapsed, useFocusIfLost } from './parts.js';
import { Recording } from './Recording.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export type Panel = 'keypad' | 'handOver';

interface CallProps {
  readonly interaction: Interaction;
  readonly panel: Panel | undefined;
  readonly onPanel: (panel: Panel | undefined) => void;
}

const directions: Readonly<Record<Interaction['direction'], Key>> = {
  INBOUND: 'call.inbound',
  OUTBOUND: 'call.outbound',
  INTERNAL: 'call.internal',
};

export function Call({ interaction, panel, onPanel }: CallProps) {
  const words = useWords();
  const { desk } = useSurroundings();
  useDeskView();
  const actions = actionsOf(desk, interaction);
  const hasTwo = interaction.conversations.length > 1;
  return (
    <article className="work" aria-label={words('work.title')}>
      <WhoIsThere interaction={interaction} />
      {interaction.conversations.map((it) => (
        <Talk
          key={it.target}
          conversation={it}
          isFocus={it === focusOf(interaction)}
          isOneOfTwo={hasTwo}
        />
      ))}
      <Recording interaction={interaction} actions={actions} />
      <Controls {...{ interaction, actions, panel, onPanel }} />
      {panel === 'keypad' && <Keypad interaction={interaction} />}
      {(panel === 'handOver' || hasTwo) && interaction.state === 'STARTED' && (
        <HandOver interaction={interaction} actions={actions} />
      )}
    </article>
  );
}

export function WhoIsThere({ interaction }: { interaction: Interaction }) {
  const words = useWords();
  const { site } = useSurroundings();
  const heading = useRef<HTMLHeadingElement>(null);
  useFocusIfLost(heading);
  const person = otherSideOf(interaction);
  const Medium = mediaIcons[interaction.type];
  const isCall = interaction.type === 'Telephony';
  const url = site.screenPop && screenPopUrl(site.screenPop, interaction['interaction-data']);
  return (
    <header className="who-is-there">
      <span className={`badge is-${interaction.type.toLowerCase()}`} aria-hidden>
        <Medium size={22} />
      </span>
      <div className="who-words">
        <p className="muted small">
          {words(isCall ? directions[interaction.direction] : `offer.${interaction.type}`)}
          {person?.detail && ` · ${person.detail}`}
        </p>
        <h2 ref={heading} tabIndex={-1}>
          {person?.title ?? words('work.unknown')}
        </h2>
      </div>
      {url && (
        <a className="link" href={url} target="_blank" rel="noopener noreferrer">
          <ExternalLink aria-hidden size={16} /> {words('call.screenPop')}
          <span className="visually-hidden"> ({words('call.opensNewWindow')})</span>
        </a>
      )}
    </header>
  );
}

/** One conversation: how it is, since when, and who is in it if that is not plain. */
function Talk(props: {
  readonly conversation: Conversation;
  readonly isFocus: boolean;
  readonly isOneOfTwo: boolean;
}) {
  const { conversation, isFocus, isOneOfTwo } = props;
  const words = useWords();
  const { phone } = useSurroundings();
  const { state, members, muted, type, target } = conversation;
  const isHeld = state === 'HELD';
  const Icon = isHeld ? Pause : Phone;
  const first = members[0];
  return (
    <div className={`talk is-${state.toLowerCase()}${isFocus && isOneOfTwo ? ' is-focus' : ''}`}>
      <Icon aria-hidden size={20} />
      <div className="talk-words">
        {isOneOfTwo && (
          <p className="talk-who">
            <span className="muted">
              {words(type === 'consult' ? 'call.consult' : 'call.customer')}
            </span>{' '}
            {first && personOf(first).title}
          </p>
        )}
        <p className="talk-state">
          {words(`call.${state}`)} <Elapsed target={target} />
        </p>
        {members.length > 1 && <Members conversation={conversation} />}
      </div>
      {muted && (
        <span className="chip is-muted">
          <MicOff aria-hidden size={15} /> {words('call.muted')}
        </span>
      )}
      {phone && isFocus && <MutedHere phone={phone} />}
    </div>
  );
}

/** The agent's own switch, which the call knows nothing of. */
function MutedHere({ phone }: { phone: BrowserPhone }) {
  const words = useWords();
  const { isMuted } = useSyncExternalStore(phone.subscribe, phone.getView);
  return isMuted ? (
    <span className="chip is-muted">
      <MicOff aria-hidden size={15} /> {words('phone.mutedShort')}
    </span>
  ) : null;
}

function Members({ conversation }: { conversation: Conversation }) {
  const words = useWords();
  const { desk } = useSurroundings();
  return (
    <ul className="members" aria-label={words('call.members')}>
      {conversation.members.map((it) => {
        const { title } = personOf(it);
        return (
          <li key={it.id}>
            {title}
            <Action
              tone="quiet"
              isIconOnly
              icon={UserMinus}
              label={words('call.remove', { who: title })}
              onPress={() =>
                void desk.ask('conversation.dropmember', conversation.target, {
                  member: { id: it.id },
                })
              }
            />
          </li>
        );
      })}
    </ul>
  );
}

/** Always the same buttons in the same places: those that are not possible now are off. */
function Controls(props: CallProps & { readonly actions: CallActions }) {
  const { interaction, actions, panel, onPanel } = props;
  const words = useWords();
  const { desk } = useSurroundings();
  const { can } = actions;
  const focus = focusOf(interaction);
  const runs = (...commands: string[]) => commands.some((it) => isRunning(desk, it, focus?.target));
  const isHeld = focus?.state === 'HELD';
  const hasTwo = interaction.conversations.length > 1;
  const canGiveAway = can.consult || can.blindTransfer || can.blindConference;
  return (
    <Toolbar className="controls" aria-label={words('call.controls')}>
      <Action
        isTile
        icon={isHeld ? Play : Pause}
        label={words(isHeld ? 'call.retrieve' : 'call.hold')}
        shortcut="hold"
        isOn={isHeld}
        isDisabled={!can.hold && !can.retrieve}
        isPending={runs('conversation.hold', 'conversation.retrieve')}
        onPress={() => actions.toggleHold()}
      />
      <Action
        isTile
        icon={focus?.muted ? Mic : MicOff}
        label={words(focus?.muted ? 'call.unmute' : 'call.mute')}
        shortcut="mute"
        isOn={focus?.muted ?? false}
        isDisabled={!can.mute && !can.unmute}
        isPending={runs('conversation.request.mute', 'conversation.request.unmute')}
        onPress={() => actions.toggleMute()}
      />
      <Action
        isTile
        icon={Grip}
        label={words('call.keypad')}
        shortcut="keypad"
        aria-expanded={panel === 'keypad'}
        isDisabled={!can.keypad && panel !== 'keypad'}
        onPress={() => onPanel(panel === 'keypad' ? undefined : 'keypad')}
      />
      {hasTwo ? (
        <Action
          isTile
          icon={ArrowLeftRight}
          label={words('handOver.swap')}
          shortcut="swap"
          isDisabled={!can.alternate}
          isPending={isRunning(desk, 'interaction.alternate', interaction.target)}
          onPress={() => actions.swap()}
        />
      ) : (
        <Action
          isTile
          icon={ArrowRightLeft}
          label={words('call.handOver')}
          shortcut="handOver"
          aria-expanded={panel === 'handOver'}
          isDisabled={!canGiveAway && panel !== 'handOver'}
          onPress={() => onPanel(panel === 'handOver' ? undefined : 'handOver')}
        />
      )}
      <Action
        isTile
        tone="danger"
        icon={PhoneOff}
        label={words(focus?.state === 'DIALING' ? 'call.giveUp' : 'call.release')}
        shortcut="release"
        isDisabled={!can.release}
        isPending={runs('conversation.release')}
        onPress={() => actions.release()}
      />
    </Toolbar>
  );
}
