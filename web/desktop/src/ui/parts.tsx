// Small parts that the larger ones are made of.
import { ChevronDown, type LucideIcon } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect } from 'react';
import {
  Button,
  type ButtonProps,
  Dialog,
  Heading,
  Label,
  ListBox,
  ListBoxItem,
  Modal,
  ModalOverlay,
  Popover,
  Select,
  SelectValue,
} from 'react-aria-components';
import { keysOf, type ShortcutId } from '../desk/shortcuts.js';
import { clockText, elapsedMs } from '../desk/times.js';
import { useDeskView, useNow, useSurroundings } from './surroundings.js';

export type Tone = 'plain' | 'primary' | 'good' | 'danger' | 'quiet';

interface ActionProps extends Omit<ButtonProps, 'children' | 'className'> {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly tone?: Tone;
  readonly shortcut?: ShortcutId;
  /** The icon alone; the label is still what it is called. */
  readonly isIconOnly?: boolean;
  /** Icon above label, in a row of equals. */
  readonly isTile?: boolean;
  readonly isOn?: boolean;
}

/** A button that says what it does, in words for everybody. */
export function Action(props: ActionProps) {
  const { label, icon: Icon, tone = 'plain', shortcut, isIconOnly, isTile, isOn, ...rest } = props;
  const { preferences } = useSurroundings();
  const keys = shortcut && preferences.hasShortcuts ? keysOf(shortcut) : undefined;
  const shape = isTile ? ' is-tile' : isIconOnly ? ' is-icon' : '';
  return (
    <Button
      {...rest}
      className={`action is-${tone}${shape}${isOn ? ' is-on' : ''}`}
      {...(isIconOnly && { 'aria-label': label })}
      {...(isOn !== undefined && { 'aria-pressed': isOn })}
      {...(keys && { 'aria-keyshortcuts': keys })}
    >
      {Icon && <Icon aria-hidden size={isTile ? 22 : 18} />}
      {!isIconOnly && <span className="action-label">{label}</span>}
      {keys && !isIconOnly && !isTile && <kbd aria-hidden>{keys}</kbd>}
    </Button>
  );
}

/** How long `target` has been as it is; nothing if that is not known. */
export function Elapsed({ target, prefix }: { target: string; prefix?: string }) {
  const now = useNow();
  const { times } = useDeskView();
  const ms = elapsedMs(times, target, now);
  if (ms === undefined) return null;
  return (
    <span className="elapsed">
      {prefix}
      {clockText(ms)}
    </span>
  );
}

export function Card(props: {
  readonly title: string;
  readonly id: string;
  readonly className?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const { title, id, className = '', aside, children } = props;
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Before the page until it is closed. A question is not closed by a click beside it. */
export function DialogBox(props: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly isQuestion?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { title, isOpen, isQuestion = false, onClose, children } = props;
  return (
    <ModalOverlay
      className="overlay"
      isDismissable={!isQuestion}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className="modal">
        <Dialog className="dialog" role={isQuestion ? 'alertdialog' : 'dialog'}>
          <Heading slot="title">{title}</Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** One of several. */
export function Picker<Value extends string>(props: {
  readonly label: string;
  /** Undefined: none of them yet; then `placeholder` is there. */
  readonly value: Value | undefined;
  readonly placeholder?: string;
  readonly of: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
}) {
  const { label, value, placeholder, of, onChange } = props;
  return (
    <Select
      className="field picker"
      {...(placeholder !== undefined && { placeholder })}
      selectedKey={value ?? null}
      onSelectionChange={(key) => key !== null && onChange(String(key) as Value)}
    >
      <Label>{label}</Label>
      <Button className="select">
        <SelectValue />
        <ChevronDown aria-hidden size={18} />
      </Button>
      <Popover className="popover">
        <ListBox className="menu">
          {of.map(([id, text]) => (
            <ListBoxItem key={id} id={id} className="menu-item" textValue={text}>
              {text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** For what must be told in pixels, and yet grow with the letters a person has chosen. */
export function remPx(rems: number): number {
  return rems * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** When what had the focus is gone, the keyboard goes on here. */
export function useFocusIfLost(ref: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) ref.current?.focus();
  }, [ref]);
}
