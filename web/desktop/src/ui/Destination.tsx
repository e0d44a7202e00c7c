import {
  ChevronDown,
  CircleCheck,
  CirclePause,
  Headset,
  Layers,
  type LucideIcon,
  Power,
} from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  Button,
  ComboBox,
  FieldError,
  Group,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Text,
} from 'react-aria-components';
import {
  type Directory,
  destinationOf,
  type Entry,
  entriesOf,
  matching,
  shownMax,
} from '../floor/directory.js';
import { useLanguage, useWords } from '../i18n/index.js';
import { useDeskView, useSurroundings } from './surroundings.js';

interface Written {
  readonly text: string;
  /** The key of the entry that was chosen from the list. */
  readonly chosen: string | undefined;
}

const nothing: Written = { text: '', chosen: undefined };

export interface Destination {
  /** What to dial; undefined if that cannot be dialled, or is empty. */
  readonly number: string | undefined;
  clear(): void;
  /** For DestinationField. */
  readonly field: {
    readonly written: Written;
    readonly entries: readonly Entry[];
    readonly isWrong: boolean;
    readonly write: (part: Partial<Written>) => void;
    /** Asks anew who is there. */
    readonly look: () => void;
  };
}

/** Where a call is to go: a colleague, a queue, or a number. */
export function useDestination(): Destination {
  const { desk } = useSurroundings();
  const ownId = useDeskView().model?.session.agent.id ?? '';
  const language = useLanguage();
  const [written, setWritten] = useState(nothing);
  const [directory, setDirectory] = useState<Directory>();
  const isAsking = useRef(false);

  const look = useCallback(() => {
    if (isAsking.current) return;
    isAsking.current = true;
    void desk.directory().then((told) => {
      isAsking.current = false;
      setDirectory(told);
    });
  }, [desk]);
  useEffect(look, [look]);

  const entries = useMemo(
    () => (directory ? entriesOf(directory, ownId, language) : []),
    [directory, ownId, language],
  );
  const number = destinationOf(entries, written.text, written.chosen);
  return {
    number,
    clear: () => setWritten(nothing),
    field: {
      written,
      entries,
      isWrong: written.text.trim() !== '' && number === undefined,
      write: (part) => setWritten((old) => ({ ...old, ...part })),
      look,
    },
  };
}

const stateIcons: Readonly<Record<NonNullable<Entry['state']>, LucideIcon>> = {
  READY: CircleCheck,
  BUSY: Headset,
  NOT_READY: CirclePause,
  LOGGED_OUT: Power,
};

/** Choose from those there are, or write a number. */
export function DestinationField(props: {
  readonly label: string;
  readonly destination: Destination;
  readonly hint?: string;
  readonly id?: string;
  readonly autoFocus?: boolean;
}) {
  const words = useWords();
  const { label, hint, id, autoFocus = false } = props;
  const { written, entries, isWrong, write, look } = props.destination.field;
  // Who was chosen is not all there is to choose from when the list is opened again.
  const isChosen = entries.some((it) => it.key === written.chosen && it.title === written.text);
  const found = isChosen ? entries : matching(entries, written.text);
  const count = found.length - shownMax;
  return (
    <ComboBox
      className="field"
      items={found.slice(0, shownMax)}
      inputValue={written.text}
      onInputChange={(text) => write({ text })}
      onSelectionChange={(key) => write({ chosen: key === null ? undefined : String(key) })}
      onFocus={look}
      onOpenChange={(isOpen) => isOpen && look()}
      allowsCustomValue
      isInvalid={isWrong}
      autoFocus={autoFocus}
      {...(id && { id })}
    >
      <Label>{label}</Label>
      <Group className="combo">
        <Input spellCheck={false} autoComplete="off" />
        <Button className="combo-button">
          <ChevronDown aria-hidden size={18} />
        </Button>
      </Group>
      {hint && !isWrong && (
        <Text slot="description" className="small muted">
          {hint}
        </Text>
      )}
      <FieldError>{words('handOver.invalid')}</FieldError>
      <Popover className="popover combo-list">
        <ListBox<Entry> className="menu">{(entry) => <EntryItem entry={entry} />}</ListBox>
        {count > 0 && (
          <p className="combo-more small muted">{words('directory.more', { count })}</p>
        )}
      </Popover>
    </ComboBox>
  );
}

function EntryItem({ entry }: { entry: Entry }) {
  const words = useWords();
  const { key, title, number, state } = entry;
  const Icon = state ? stateIcons[state] : Layers;
  const tint = state ? `tint-${state.toLowerCase().replace('_', '-')}` : 'muted';
  return (
    <ListBoxItem id={key} textValue={title} className="menu-item entry-item">
      <Icon aria-hidden size={18} className={tint} />
      <span className="entry-item-words">
        <Text slot="label">{title}</Text>
        <Text slot="description" className="muted small">
          {number} · {words(state ? `directory.${state}` : 'directory.queue')}
        </Text>
      </span>
    </ListBoxItem>
  );
}
