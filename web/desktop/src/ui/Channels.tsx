import { allChannels, type Channel, type Model } from '@cordboard/client';
import {
  Ban,
  ChevronDown,
  CircleCheck,
  CirclePause,
  ClipboardPen,
  Headset,
  type LucideIcon,
  Mail,
  MessageSquare,
  Phone,
  PhoneCall,
  Power,
} from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { becomeNotReady, becomeReady } from '../desk/states.js';
import { en } from '../i18n/en.js';
import { type Key, useWords, type Words } from '../i18n/index.js';
import { PhoneBar } from './PhoneBar.js';
import { Card, Elapsed } from './parts.js';
import { useSurroundings } from './surroundings.js';

type Shown = 'OFF' | 'UNAVAILABLE' | Channel['agentState'];

export const mediaIcons: Readonly<Record<Channel['type'], LucideIcon>> = {
  Telephony: Phone,
  Chat: MessageSquare,
  Email: Mail,
};

const stateIcons: Readonly<Record<Shown, LucideIcon>> = {
  OFF: Power,
  UNAVAILABLE: Ban,
  NOT_READY: CirclePause,
  READY: CircleCheck,
  RESERVED: PhoneCall,
  BUSY: Headset,
  WRAPUP: ClipboardPen,
};

function shownOf(channel: Channel): Shown {
  if (channel.state === 'INACTIVE') return 'OFF';
  return channel.state === 'UNAVAILABLE' ? 'UNAVAILABLE' : channel.agentState;
}

/** A reason by its name: the operator's, else ours, else the code. */
function reasonText(model: Model, code: string | undefined, words: Words): string | undefined {
  if (code === undefined) return undefined;
  const key = `reason.${code}`;
  const own = Object.hasOwn(en, key) ? words(key as Key) : code;
  return model.session.reasons.find((it) => it.code === code)?.name ?? own;
}

export function Channels(props: {
  readonly model: Model;
  readonly isMenuOpen: boolean;
  readonly onMenu: (isOpen: boolean) => void;
}) {
  const words = useWords();
  const channels = allChannels(props.model);
  return (
    <Card title={words('channel.title')} id="channels" className="channels">
      {channels.map((it, index) => (
        <ChannelState
          key={it.target}
          channel={it}
          model={props.model}
          {...(index === 0 && { isOpen: props.isMenuOpen, onOpenChange: props.onMenu })}
        />
      ))}
    </Card>
  );
}

function ChannelState(props: {
  readonly channel: Channel;
  readonly model: Model;
  readonly isOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
}) {
  const { channel, model } = props;
  const words = useWords();
  const { phone } = useSurroundings();
  const shown = shownOf(channel);
  const Icon = stateIcons[shown];
  const Medium = mediaIcons[channel.type];
  const name = words(`channel.${channel.type}`);
  const { queues, monitoring } = channel;
  const isTold = shown !== 'OFF' || channel.reason === 'phone.lost';
  const reason = isTold ? reasonText(model, channel.reason, words) : undefined;
  return (
    <div className="channel">
      <p className="channel-name">
        <Medium aria-hidden size={15} /> {name} {channel.type === 'Telephony' && channel.endpoint}
      </p>
      <MenuTrigger
        {...(props.isOpen !== undefined && { isOpen: props.isOpen })}
        {...(props.onOpenChange && { onOpenChange: props.onOpenChange })}
      >
        <Button
          className={`state is-${shown.toLowerCase()}`}
          aria-label={`${words('channel.change', { channel: name })}: ${words(`state.${shown}`)}`}
          isDisabled={shown === 'UNAVAILABLE'}
          {...(props.isOpen !== undefined && { 'aria-keyshortcuts': 'Alt+S' })}
        >
          <Icon aria-hidden size={22} />
          <span className="state-words">
            <span className="state-name">{words(`state.${shown}`)}</span>
            {reason && <span className="state-reason">{reason}</span>}
          </span>
          <Elapsed target={channel.target} />
          <ChevronDown aria-hidden size={18} />
        </Button>
        <StateMenu channel={channel} model={model} />
      </MenuTrigger>
      {channel.type === 'Telephony' && phone && <PhoneBar phone={phone} channel={channel} />}
      {channel.pending && (
        <p className="pending">
          {words('channel.pending', {
            state: [
              words(`state.${channel.pending}`),
              reasonText(model, channel.pendingReason, words),
            ]
              .filter(Boolean)
              .join(' – '),
          })}
        </p>
      )}
      {monitoring && (
        <p className="pending">
          {words('channel.monitoring', {
            agent: monitoring.agent.id,
            mode: words(`floor.${monitoring.mode}`),
          })}
        </p>
      )}
      <p className="muted small">
        {queues.length > 0
          ? words('channel.queues', { queues: queues.join(', ') })
          : words('channel.noQueues')}
      </p>
    </div>
  );
}

function StateMenu({ channel, model }: { channel: Channel; model: Model }) {
  const words = useWords();
  const { desk, phone } = useSurroundings();
  const { reasons } = model.session;
  const own = channel.type === 'Telephony' ? phone : undefined;
  const isIdle = channel.state === 'ACTIVE' && channel.interactions.length === 0;
  const choose = (key: string) => {
    if (key === 'ready') void becomeReady(desk, channel, own);
    else if (key === 'off') void desk.ask('channel.deactivate', channel.target);
    else {
      void becomeNotReady(desk, channel, key === 'notReady' ? undefined : key.slice(1), own);
    }
  };
  return (
    <Popover className="popover">
      <Menu
        className="menu"
        // Also when a shortcut has opened it, of which the trigger does not know.
        autoFocus="first"
        aria-label={words('channel.title')}
        onAction={(key) => choose(String(key))}
        disabledKeys={isIdle ? [] : ['off']}
      >
        <MenuItem id="ready" className="menu-item" textValue={words('channel.setReady')}>
          <CircleCheck aria-hidden size={18} className="tint-ready" />
          {words('channel.setReady')}
        </MenuItem>
        <MenuItem id="notReady" className="menu-item" textValue={words('channel.setNotReady')}>
          <CirclePause aria-hidden size={18} className="tint-not-ready" />
          {words('channel.setNotReady')}
        </MenuItem>
        {reasons.map(({ code, name }) => (
          <MenuItem key={code} id={`:${code}`} className="menu-item is-inner" textValue={name}>
            {name}
          </MenuItem>
        ))}
        <MenuItem id="off" className="menu-item" textValue={words('channel.setOff')}>
          <Power aria-hidden size={18} />
          {words('channel.setOff')}
        </MenuItem>
      </Menu>
    </Popover>
  );
}
