import { allInteractions, type Interaction, type Model } from '@cordboard/client';
import { Coffee, History, Hourglass, Inbox, Phone, Users } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { actionsOf } from '../desk/actions.js';
import { dataLines, otherSideOf } from '../desk/people.js';
import type { ShortcutId } from '../desk/shortcuts.js';
import { isSupervisor } from '../floor/supervision.js';
import { useWords } from '../i18n/index.js';
import { Announcer } from './Announcer.js';
import { AudioBanner } from './AudioBanner.js';
import { Call, type Panel } from './Call.js';
import { Channels, mediaIcons } from './Channels.js';
import { Dial, dialFieldId } from './Dial.js';
import { ConnectionBanner, type DialogName, Header } from './Header.js';
import { Offer } from './Offer.js';
import { Problems } from './Problems.js';
import { Card, Elapsed } from './parts.js';
import { Settings } from './Settings.js';
import { ShortcutsHelp, useShortcuts } from './Shortcuts.js';
import { useSurroundings } from './surroundings.js';
import { Today } from './Today.js';
import { type Draft, emptyDraft, Notes, WrapUp } from './WrapUp.js';

/** Who may not look at the floor does not load it. */
const Floor = lazy(() => import('./floor/Floor.js'));

type Section = 'work' | 'dial' | 'today' | 'floor';
const sections = [
  { id: 'work', icon: Inbox },
  { id: 'dial', icon: Phone },
  { id: 'today', icon: History },
  { id: 'floor', icon: Users },
] as const;

export function Desktop({ model }: { model: Model }) {
  const words = useWords();
  const { desk } = useSurroundings();
  const [section, setSection] = useState<Section>('work');
  const [dialog, setDialog] = useState<DialogName>();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [panel, setPanel] = useState<Panel>();
  const [chosen, setChosen] = useState<string>();
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({});

  const maySupervise = isSupervisor(model);
  const isOnFloor = maySupervise && section === 'floor';
  const all = allInteractions(model);
  const offers = all.filter((it) => it.state === 'ALERTING');
  const mine = all.filter((it) => it.state !== 'ALERTING' && it.state !== 'COMPLETED');
  const current = mine.find((it) => it.target === chosen) ?? mine[0];
  const draft = (current && drafts[current.target]) ?? emptyDraft;
  const currentTarget = current?.target;
  const state = current?.state;

  // What was open beside a call is of no use to the next one, or when it has ended.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when, not what
  useEffect(() => setPanel(undefined), [currentTarget, state]);

  const complete = async (interaction: Interaction) => {
    const { notes, disposition } = drafts[interaction.target] ?? emptyDraft;
    const isDone = await desk.ask('interaction.complete', interaction.target, {
      ...(disposition !== undefined && { disposition: { id: disposition } }),
      ...(notes.trim() !== '' && { notes: notes.trim() }),
    });
    if (isDone) {
      setDrafts(({ [interaction.target]: _, ...others }) => others);
    }
  };

  useShortcuts((id: ShortcutId) => {
    const offer = offers[0] && actionsOf(desk, offers[0]);
    const call = current && actionsOf(desk, current);
    const toggle = (it: Panel) => setPanel((open) => (open === it ? undefined : it));
    switch (id) {
      case 'answer':
        return offer?.answer();
      case 'reject':
        return offer?.reject();
      case 'release':
        return call?.release();
      case 'hold':
        return call?.toggleHold();
      case 'mute':
        return call?.toggleMute();
      case 'record':
        return call?.stepRecording();
      case 'swap':
        return call?.swap();
      case 'keypad':
        return call?.can.keypad ? toggle('keypad') : undefined;
      case 'handOver':
        if (call?.can.consultTransfer && current) {
          return void desk.ask('interaction.consulttransfer', current.target);
        }
        return call?.can.consult || call?.can.blindTransfer ? toggle('handOver') : undefined;
      case 'complete':
        return current && call?.can.complete ? void complete(current) : undefined;
      case 'state':
        return setMenuOpen(true);
      case 'dial':
        setSection('dial');
        return void requestAnimationFrame(() =>
          document.querySelector<HTMLElement>(`#${dialFieldId}, #${dialFieldId} input`)?.focus(),
        );
      case 'floor':
        return maySupervise ? setSection(isOnFloor ? 'work' : 'floor') : undefined;
      case 'help':
        return setDialog('shortcuts');
    }
  });

  return (
    <div className="desktop" data-section={isOnFloor || section !== 'floor' ? section : 'work'}>
      <Header model={model} onDialog={setDialog}>
        {maySupervise && <Views isOnFloor={isOnFloor} onChoose={setSection} />}
      </Header>
      <ConnectionBanner />
      <AudioBanner model={model} />
      <Problems />
      <main>
        <div className="column is-side">
          <Channels model={model} isMenuOpen={isMenuOpen} onMenu={setMenuOpen} />
          <div className="section is-dial">
            <Dial model={model} />
          </div>
        </div>
        <div className="column is-work">
          {offers.map((it) => (
            <Offer key={it.target} interaction={it} />
          ))}
          <div className="section is-work">
            {mine.length > 1 && (
              <WorkList interactions={mine} current={current} onChoose={setChosen} />
            )}
            {current ? (
              <div className="card is-current">
                <Current
                  key={current.target}
                  interaction={current}
                  panel={panel}
                  onPanel={setPanel}
                  draft={draft}
                  onDraft={(it) => setDrafts({ ...drafts, [current.target]: it })}
                  onComplete={() => void complete(current)}
                />
              </div>
            ) : (
              offers.length === 0 && <Nothing model={model} />
            )}
            {current && <Facts interaction={current} />}
          </div>
        </div>
        <div className="column is-today section">
          <Today model={model} />
        </div>
        {isOnFloor && (
          <div className="column is-floor">
            {current && <OwnWork interaction={current} onBack={() => setSection('work')} />}
            <Suspense fallback={<p className="nothing muted">{words('floor.loading')}</p>}>
              <Floor model={model} />
            </Suspense>
          </div>
        )}
      </main>
      <nav className="nav" aria-label={words('nav.label')}>
        {sections
          .filter(({ id }) => id !== 'floor' || maySupervise)
          .map(({ id, icon: Icon }) => (
            <button
              key={id}
              type="button"
              {...(section === id && { 'aria-current': 'page' as const })}
              onClick={() => setSection(id)}
            >
              <Icon aria-hidden size={20} />
              {words(`nav.${id}`)}
            </button>
          ))}
      </nav>
      <Announcer model={model} />
      <Settings isOpen={dialog === 'settings'} onClose={() => setDialog(undefined)} />
      <ShortcutsHelp
        isOpen={dialog === 'shortcuts'}
        isSupervisor={maySupervise}
        onClose={() => setDialog(undefined)}
      />
    </div>
  );
}

/** Where there is room for the whole desk at once, the floor is the other page of two. */
function Views(props: {
  readonly isOnFloor: boolean;
  readonly onChoose: (section: 'work' | 'floor') => void;
}) {
  const words = useWords();
  const { isOnFloor, onChoose } = props;
  return (
    <nav className="views" aria-label={words('nav.views')}>
      {(['work', 'floor'] as const).map((it) => (
        <button
          key={it}
          type="button"
          {...((it === 'floor') === isOnFloor && { 'aria-current': 'page' as const })}
          onClick={() => onChoose(it)}
        >
          {words(it === 'work' ? 'nav.desk' : 'nav.floor')}
        </button>
      ))}
    </nav>
  );
}

/** In a narrow panel: the supervisor's own work, while the floor is looked at. */
function OwnWork(props: { readonly interaction: Interaction; readonly onBack: () => void }) {
  const words = useWords();
  const { interaction } = props;
  const Medium = mediaIcons[interaction.type];
  const who = otherSideOf(interaction)?.title ?? words('work.unknown');
  return (
    <button type="button" className="own-work" onClick={props.onBack}>
      <Medium aria-hidden size={18} />
      <span>{words('floor.ownWork', { who })}</span>
      <Elapsed target={interaction.target} />
    </button>
  );
}

function Current(props: {
  readonly interaction: Interaction;
  readonly panel: Panel | undefined;
  readonly onPanel: (panel: Panel | undefined) => void;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly onComplete: () => void;
}) {
  const { interaction, panel, onPanel, draft, onDraft, onComplete } = props;
  const isCall = interaction.type === 'Telephony';
  if (!isCall || interaction.state === 'ENDED') {
    return <WrapUp {...{ interaction, draft, onDraft, onComplete }} />;
  }
  return (
    <>
      <Call {...{ interaction, panel, onPanel }} />
      <div className="notes">
        <Notes draft={draft} onDraft={onDraft} />
      </div>
    </>
  );
}

function WorkList(props: {
  readonly interactions: readonly Interaction[];
  readonly current: Interaction | undefined;
  readonly onChoose: (target: string) => void;
}) {
  const words = useWords();
  return (
    <nav className="work-list" aria-label={words('work.list')}>
      {props.interactions.map((it) => {
        const Medium = mediaIcons[it.type];
        return (
          <button
            key={it.target}
            type="button"
            {...(it === props.current && { 'aria-current': 'true' as const })}
            onClick={() => props.onChoose(it.target)}
          >
            <Medium aria-hidden size={16} />
            <span>{otherSideOf(it)?.title ?? words('work.unknown')}</span>
          </button>
        );
      })}
    </nav>
  );
}

function Nothing({ model }: { model: Model }) {
  const words = useWords();
  const channels = [
    ...model.session.channels,
    ...model.session.channelgroups.flatMap((it) => it.channels),
  ];
  const isReady = channels.some((it) => it.agentState === 'READY');
  const Icon = isReady ? Hourglass : Coffee;
  return (
    <div className="nothing">
      <Icon aria-hidden size={40} strokeWidth={1.4} />
      <h2>{words(isReady ? 'work.emptyReady' : 'work.empty')}</h2>
      <p className="muted">{words(isReady ? 'work.emptyReadyText' : 'work.emptyText')}</p>
    </div>
  );
}

/** What has come with the call. */
function Facts({ interaction }: { interaction: Interaction }) {
  const words = useWords();
  const lines = dataLines(interaction);
  return (
    <Card title={words('data.title')} id="facts">
      {lines.length === 0 ? (
        <p className="muted">{words('data.none')}</p>
      ) : (
        <dl className="facts">
          {lines.map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
