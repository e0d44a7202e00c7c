import type { Model } from '@cordboard/client';
import { ChevronDown, Settings as Gear, Keyboard, LogOut, Wifi, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useWords } from '../i18n/index.js';
import { Mark } from './Mark.js';
import { Action } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export type DialogName = 'settings' | 'shortcuts';

export function Header(props: {
  readonly model: Model;
  readonly onDialog: (dialog: DialogName) => void;
  readonly children?: ReactNode;
}) {
  const words = useWords();
  const { desk } = useSurroundings();
  const { status } = useDeskView();
  const { agent } = props.model.session;
  const isOpen = status === 'open';
  const Icon = isOpen ? Wifi : WifiOff;
  const act = (key: string) => {
    if (key === 'logOut') void desk.logOut();
    else props.onDialog(key as DialogName);
  };
  return (
    <header className="header">
      <h1 className="brand">
        <Mark />
      </h1>
      {props.children}
      <span className={`connection ${isOpen ? 'is-open' : 'is-lost'}`}>
        <Icon aria-hidden size={16} />
        <span>{words(isOpen ? 'connection.open' : 'connection.lost')}</span>
      </span>
      <MenuTrigger>
        <Button className="who" aria-label={words('header.menu', { agent: agent.name })}>
          <span className="avatar" aria-hidden>
            {Array.from(agent.name)[0]?.toUpperCase()}
          </span>
          <span className="who-name">{agent.name}</span>
          <ChevronDown aria-hidden size={16} />
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu className="menu" onAction={(key) => act(String(key))}>
            <MenuItem id="settings" className="menu-item">
              <Gear aria-hidden size={18} /> {words('header.settings')}
            </MenuItem>
            <MenuItem id="shortcuts" className="menu-item">
              <Keyboard aria-hidden size={18} /> {words('header.shortcuts')}
            </MenuItem>
            <MenuItem id="logOut" className="menu-item">
              <LogOut aria-hidden size={18} /> {words('header.logOut')}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </header>
  );
}

/** Says it as long as it is so. */
export function ConnectionBanner() {
  const words = useWords();
  const { desk } = useSurroundings();
  const { status } = useDeskView();
  return (
    <div role="alert">
      {status === 'lost' && (
        <div className="banner">
          <WifiOff aria-hidden size={20} />
          <p>
            {words('connection.lostText')} {words('connection.lostQuiet')}
          </p>
          <Action label={words('connection.retry')} onPress={() => desk.hurry()} />
        </div>
      )}
    </div>
  );
}
