// Small parts that the larger ones are made of.
import type { LucideIcon } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect } from 'react';
import { Button, type ButtonProps } from 'react-aria-components';
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
