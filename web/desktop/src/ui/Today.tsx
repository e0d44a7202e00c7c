import { allChannels, type Model } from '@cordboard/client';
import { ArrowDownLeft, ArrowUpRight, CircleAlert, Phone } from 'lucide-react';
import { numberOf } from '../desk/abilities.js';
import { type DayEntry, startOfDay } from '../desk/day.js';
import type { Problem } from '../desk/problems.js';
import { clockText } from '../desk/times.js';
import { useLanguage, useWords } from '../i18n/index.js';
import { mediaIcons } from './Channels.js';
import { Action, Card } from './parts.js';
import { useDeskView, useSurroundings } from './surroundings.js';

export function Today({ model }: { model: Model }) {
  const words = useWords();
  const { day, past } = useDeskView();
  const midnight = startOfDay(Date.now());
  const today = day.done.filter((it) => it.beganMs >= midnight);
  return (
    <Card title={words('today.title')} id="today">
      <p className="muted small">{words(past === 'none' ? 'today.pageOnly' : 'today.text')}</p>
      {typeof past === 'object' && <NotLoaded problem={past} />}
      {today.length === 0 ? (
        typeof past !== 'object' && (
          <p className="muted">{words(past === 'loading' ? 'today.loading' : 'today.empty')}</p>
        )
      ) : (
        <ol className="today">
          {today.map((it) => (
            <Entry key={`${it.id} ${it.beganMs}`} entry={it} model={model} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function NotLoaded({ problem }: { problem: Problem }) {
  const words = useWords();
  const language = useLanguage();
  const { desk } = useSurroundings();
  const { detail } = problem;
  return (
    <div className="notice is-warning" role="alert">
      <CircleAlert aria-hidden size={20} />
      <div>
        <p>
          {words('today.notLoaded')} {words(problem.key)}
        </p>
        {detail && (
          <p className="small" {...(language !== 'en' && { lang: 'en' })}>
            {language === 'en' ? detail : words('problems.server', { words: detail })}
          </p>
        )}
        <Action label={words('today.retry')} onPress={() => void desk.loadPast()} />
      </div>
    </div>
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
