import type { FloorAgent } from '@cordboard/client';
import {
  Ban,
  CircleCheck,
  CirclePause,
  ClipboardPen,
  Ear,
  EllipsisVertical,
  Headset,
  type LucideIcon,
  MicOff,
  Pause,
  PhoneCall,
  Power,
  WifiOff,
} from 'lucide-react';
import { memo } from 'react';
import { Button, MenuTrigger } from 'react-aria-components';
import { mainWorkOf, type ShownState, shownSince, shownStateOf } from '../../floor/agents.js';
import { useWords, type Words } from '../../i18n/index.js';
import { mediaIcons } from '../Channels.js';
import { AgentMenu } from './AgentMenu.js';
import { Since, useFloor } from './parts.js';

const stateIcons: Readonly<Record<ShownState, LucideIcon>> = {
  READY: CircleCheck,
  RESERVED: PhoneCall,
  BUSY: Headset,
  WRAPUP: ClipboardPen,
  NOT_READY: CirclePause,
  OFF: Power,
  OUT: Ban,
};

interface AgentRowProps {
  readonly id: string;
  readonly name: string;
  readonly onMenu: (isOpen: boolean) => void;
  readonly onLogOut: (agent: string) => void;
}

/** Drawn anew when this agent is another one; the button beside it is not. */
export const AgentRow = memo(function AgentRow(props: AgentRowProps) {
  return (
    <>
      <Facts id={props.id} />
      <Menu {...props} />
    </>
  );
});

const Menu = memo(function Menu({ id, name, onMenu, onLogOut }: AgentRowProps) {
  const words = useWords();
  return (
    <MenuTrigger onOpenChange={onMenu}>
      <Button
        className="action is-quiet is-icon"
        aria-label={words('floor.actions', { agent: name })}
      >
        <EllipsisVertical aria-hidden size={20} />
      </Button>
      <AgentMenu id={id} onLogOut={onLogOut} />
    </MenuTrigger>
  );
});

function Facts({ id }: { id: string }) {
  const words = useWords();
  const agent = useFloor((it) => it.agents.get(id));
  if (!agent) return null;
  const state = shownStateOf(agent);
  const Icon = stateIcons[state];
  return (
    <div className="agent-facts" data-agent={id}>
      <p className="agent-who">
        <span className="agent-name">{agent.name}</span>{' '}
        <span className="muted small">{agent.endpoint}</span>
      </p>
      <p className={`agent-state is-${state.toLowerCase()}`}>
        <Icon aria-hidden size={18} />
        <span className="agent-state-words">
          {words(state === 'OUT' ? 'floor.out' : `state.${state}`)}{' '}
          <Since atMs={shownSince(agent)} />
          <Reason agent={agent} state={state} />
        </span>
      </p>
      <Work agent={agent} />
      <Listeners agent={agent} />
    </div>
  );
}

function Reason({ agent, state }: { agent: FloorAgent; state: ShownState }) {
  const words = useWords();
  const { reason, pending, session } = agent;
  const said = [
    state === 'NOT_READY' && reason && (reason.name ?? reason.code),
    pending && words('channel.pending', { state: words(`state.${pending}`) }),
  ].filter(Boolean);
  return (
    <>
      {said.length > 0 && <span className="agent-reason small">{said.join(' · ')}</span>}
      {session === 'DETACHED' && (
        <span className="agent-reason small tint-lost">
          <WifiOff aria-hidden size={14} /> {words('connection.lost')}
        </span>
      )}
    </>
  );
}

/** One line of what an agent is at; how many more there are. */
function Work({ agent }: { agent: FloorAgent }) {
  const words = useWords();
  const work = agent.session === 'LOGGED_OUT' ? undefined : mainWorkOf(agent);
  if (!work) return <p className="agent-work" />;
  const Medium = mediaIcons[work.type];
  const others = (agent.work?.length ?? 1) - 1;
  return (
    <p className="agent-work">
      <Medium aria-hidden size={16} />
      <span className="agent-work-words">
        {workText(agent, words)}
        {others > 0 && <span className="muted"> {words('floor.more', { count: others })}</span>}
      </span>
      {work.held && (
        <span className="chip is-held">
          <Pause aria-hidden size={13} /> {words('call.HELD')}
        </span>
      )}
      {work.muted && (
        <span className="chip is-mute">
          <MicOff aria-hidden size={13} /> {words('floor.muted')}
        </span>
      )}
    </p>
  );
}

function workText(agent: FloorAgent, words: Words): string {
  const work = mainWorkOf(agent);
  const who = work?.from ?? words('work.unknown');
  return work?.queue ? `${who} · ${work.queue}` : who;
}

function Listeners({ agent }: { agent: FloorAgent }) {
  const words = useWords();
  const who = agent.monitoredBy ?? [];
  const names = useFloor((it) => who.map((id) => it.agents.get(id)?.name ?? id).join(', '));
  if (who.length === 0) return null;
  return (
    <p className="agent-listeners small">
      <Ear aria-hidden size={15} /> {words('floor.listeners', { who: names ?? '' })}
    </p>
  );
}
