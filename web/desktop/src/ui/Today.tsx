import { allChannels, type Model } from '@cordboard/client';
import { ArrowDownLeft, ArrowUpRight, Phone } from 'lucide-react';
import { numberOf } from '../desk/abilities.js';
import type { DayEntry } from '../desk/day.js';
import { clockText } from '../desk/times.js';
import { useLanguage, useWords } from '../i18n/index.js';
import { mediaIcons } from './Channels.js';
import { Action, Card } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export function Today({ model }: { model: Model }) {
  const words = useWords();
  const { day } = useDeskView();
  return (
    <Card title={words('today.title')} id="today">
      <p className="muted small">{words('today.text')}</p>
      {day.done.length === 0 ? (
        <p className="muted">{words('today.empty')}</p>
      ) : (
        <ol className="today">
          {day.done.map((it) => (
            <Entry key={`${it.target} ${it.beganMs}`} entry={it} model={model} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function Entry({ entry, model }: { entry: DayEntry; model: Model }) {
  const words = useWords();
  const language = useLanguage();
  const { desk } = useSurroundings();
  const { person, type, isOutbound, beganMs, startedMs, endedMs, outcome, number } = entry;
  const Direction = isOutbound ? ArrowUpRight : ArrowDownLeft;
  const Medium = mediaIcons[type];
  const who = person?.title ?? words('work.unknown');
  const time = new Date(beganMs).toLocaleTimeString(language, {
    hour: '2-digit',
    minute: '2-digit',
  });
  const lasted = startedMs !== undefined && endedMs !== undefined && endedMs - startedMs;
  const channel = allChannels(model).find((it) => it.type === 'Telephony');
  const destination = type === 'Telephony' && number ? numberOf(number) : undefined;
  const canCall =
    destination !== undefined &&
    channel?.state === 'ACTIVE' &&
    channel.interactions.length === 0 &&
    model.session.capabilities.includes('dial');
  return (
    <li className={`entry is-${outcome}`}>
      <span className="entry-sign">
        <Medium aria-hidden size={16} />
        <Direction aria-hidden size={13} />
        <span className="visually-hidden">
          {words(`channel.${type}`)}, {words(isOutbound ? 'today.outbound' : 'today.inbound')}
        </span>
      </span>
      <span className="entry-words">
        <span className="entry-who">{who}</span>
        <span className="muted small">
          {time} · {words(`today.${outcome}`)}
          {lasted !== false && ` · ${clockText(lasted)}`}
        </span>
      </span>
      {canCall && (
        <Action
          tone="quiet"
          isIconOnly
          icon={Phone}
          label={words('today.callBack', { who })}
          onPress={() => void desk.ask('channel.dial', channel.target, { destination })}
        />
      )}
    </li>
  );
}
