import type { FloorAgent, MonitorMode } from '@cordboard/client';
import {
  Check,
  CircleCheck,
  CirclePause,
  Ear,
  LogOut,
  Megaphone,
  PhoneIncoming,
  Users,
  X,
} from 'lucide-react';
import { Header, Menu, MenuItem, MenuSection, Popover, Separator } from 'react-aria-components';
import type { Desk } from '../../desk/desk.js';
import { obstacleOf, phoneOf, type Supervision, supervisionOf } from '../../floor/supervision.js';
import { type Key, useWords } from '../../i18n/index.js';
import { useDeskView, useSurroundings } from '../surroundings.js';
import { useFloor } from './parts.js';

export const modes = ['monitor', 'whisper', 'barge'] as const;
export const modeIcons = { monitor: Ear, whisper: Megaphone, barge: Users } as const;

/** Asks for a way of listening; the supervisor's own phone is called if need be. */
export function listen(desk: Desk, mode: MonitorMode, agent: string): void {
  const phone = desk.view.model && phoneOf(desk.view.model);
  if (phone) void desk.ask(`channel.request.${mode}`, phone.target, { agent: { id: agent } });
}

export function stopListening(desk: Desk, agent: string): void {
  const phone = desk.view.model && phoneOf(desk.view.model);
  if (phone) void desk.ask('channel.request.endmonitor', phone.target, { agent: { id: agent } });
}

export function intercept(desk: Desk, agent: string): void {
  const phone = desk.view.model && phoneOf(desk.view.model);
  if (phone) void desk.ask('channel.request.intercept', phone.target, { agent: { id: agent } });
}

function setState(
  desk: Desk,
  agent: string,
  agentState: 'READY' | 'NOT_READY',
  code?: string,
): void {
  const session = desk.view.model?.session.target;
  if (!session) return;
  void desk.ask('session.request.setagentstate', session, {
    agent: { id: agent },
    agentState,
    ...(code !== undefined && { reason: { code } }),
  });
}

/** What can be done about an agent; what cannot be done now is off. */
export function AgentMenu(props: { id: string; onLogOut: (agent: string) => void }) {
  const { id, onLogOut } = props;
  const words = useWords();
  const { desk } = useSurroundings();
  const { model } = useDeskView();
  const agent = useFloor((it) => it.agents.get(id));
  if (!model || !agent) return null;
  const can = supervisionOf(model, agent);
  const obstacle = obstacleOf(model);
  const why: Key = obstacle ? `floor.obstacle.${obstacle}` : whyOf(agent, can);
  const act = (key: string) => {
    const mode = modes.find((it) => it === key);
    if (mode) listen(desk, mode, id);
    else if (key === 'stop') stopListening(desk, id);
    else if (key === 'intercept') intercept(desk, id);
    else if (key === 'ready') setState(desk, id, 'READY');
    else if (key === 'notReady') setState(desk, id, 'NOT_READY');
    else if (key === 'logOut') onLogOut(id);
    else setState(desk, id, 'NOT_READY', key.slice(1));
  };
  return (
    <Popover className="popover">
      <Menu
        className="menu"
        aria-label={words('floor.actions', { agent: agent.name })}
        disabledKeys={disabledKeys(can, model.session.reasons)}
        onAction={(key) => act(String(key))}
      >
        <MenuSection>
          <Header className="menu-head">{words(can.canListen ? 'floor.call' : why)}</Header>
          {modes.map((mode) => {
            const Icon = modeIcons[mode];
            return (
              <MenuItem key={mode} id={mode} className="menu-item">
                <Icon aria-hidden size={18} /> {words(`floor.${mode}`)}
                {can.mode === mode && <Check aria-hidden size={16} className="menu-mark" />}
              </MenuItem>
            );
          })}
          {can.mode && (
            <MenuItem id="stop" className="menu-item">
              <X aria-hidden size={18} /> {words('floor.stop')}
            </MenuItem>
          )}
          <MenuItem id="intercept" className="menu-item">
            <PhoneIncoming aria-hidden size={18} /> {words('floor.intercept')}
          </MenuItem>
        </MenuSection>
        <Separator className="menu-line" />
        <MenuSection>
          <Header className="menu-head">{words('floor.state')}</Header>
          <MenuItem id="ready" className="menu-item">
            <CircleCheck aria-hidden size={18} className="tint-ready" /> {words('channel.setReady')}
          </MenuItem>
          <MenuItem id="notReady" className="menu-item">
            <CirclePause aria-hidden size={18} className="tint-not-ready" />{' '}
            {words('channel.setNotReady')}
          </MenuItem>
          {model.session.reasons.map(({ code, name }) => (
            <MenuItem key={code} id={`:${code}`} className="menu-item is-inner" textValue={name}>
              {name}
            </MenuItem>
          ))}
          <MenuItem id="logOut" className="menu-item">
            <LogOut aria-hidden size={18} /> {words('floor.logOut')}
          </MenuItem>
        </MenuSection>
      </Menu>
    </Popover>
  );
}

/** Why this agent cannot be listened to. */
function whyOf(agent: FloorAgent, can: Supervision): Key {
  const isTalking = agent.work?.some((it) => it.type === 'Telephony' && it.state === 'STARTED');
  return isTalking && !can.mode ? 'floor.notNow' : 'floor.noCall';
}

function disabledKeys(can: Supervision, reasons: readonly { code: string }[]): string[] {
  return [
    ...(can.canListen ? [] : modes),
    ...(can.canIntercept ? [] : ['intercept']),
    ...(can.canSetReady ? [] : ['ready']),
    ...(can.canSetNotReady ? [] : ['notReady', ...reasons.map((it) => `:${it.code}`)]),
    ...(can.canLogOut ? [] : ['logOut']),
  ];
}
