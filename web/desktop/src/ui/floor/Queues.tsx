import type { FloorQueue } from '@cordboard/client';
import { Hourglass, TriangleAlert } from 'lucide-react';
import { memo, useState } from 'react';
import { Input, Label, SearchField } from 'react-aria-components';
import {
  durationText,
  findQueues,
  linesOf,
  pressureOf,
  type QueueLine,
  serviceLevelOf,
} from '../../floor/figures.js';
import { useLanguage, useWords } from '../../i18n/index.js';
import { mediaIcons } from '../Channels.js';
import { Card } from '../parts.js';
import { Since, useFloor } from './parts.js';

/** So many are seen at a glance; more can be searched. */
const glance = 6;

export function Queues() {
  const words = useWords();
  const [text, setText] = useState('');
  const queues = useFloor((it) => it.queues) ?? new Map<string, FloorQueue>();
  const found = findQueues(queues.values(), text);
  const search = queues.size > glance && (
    <SearchField className="field is-inline" value={text} onChange={setText}>
      <Label>{words('floor.queue.search')}</Label>
      <Input />
    </SearchField>
  );
  return (
    <Card title={words('floor.queues')} id="floor-queues" className="floor-part" aside={search}>
      {found.length === 0 ? (
        <p className="muted">{words(queues.size > 0 ? 'floor.noneFound' : 'floor.noQueues')}</p>
      ) : (
        // Scrolls by itself where there are many: then the keyboard must get there.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region
        <ul className="queues" aria-labelledby="floor-queues" tabIndex={0}>
          {found.map((it) => (
            <Queue key={it.name} queue={it} />
          ))}
        </ul>
      )}
    </Card>
  );
}

const Queue = memo(function Queue({ queue }: { queue: FloorQueue }) {
  const lines = linesOf(queue);
  const [first] = lines;
  const pressure = first ? pressureOf(first.figures) : 'calm';
  return (
    <li className={`queue is-${pressure}`}>
      <h3>{queue.name}</h3>
      {lines.map((it) => (
        <Line key={it.type} line={it} isAlone={lines.length === 1} />
      ))}
    </li>
  );
});

function Line({ line, isAlone }: { line: QueueLine; isAlone: boolean }) {
  const words = useWords();
  const { type, figures } = line;
  const { waiting, oldest, agents } = figures;
  const Medium = mediaIcons[type];
  const isCrowded = pressureOf(figures) === 'crowded';
  return (
    <div className="queue-line">
      <p className="queue-waiting">
        {!isAlone && (
          <>
            <Medium aria-hidden size={16} />
            <span className="visually-hidden">{words(`channel.${type}`)}: </span>
          </>
        )}
        <strong>{waiting}</strong> {words('floor.queue.waiting')}
        {waiting > 0 && oldest !== undefined && (
          <span className="queue-longest">
            <Hourglass aria-hidden size={15} />
            <span className="visually-hidden">{words('floor.queue.longest')} </span>
            <Since atMs={Date.parse(oldest)} />
          </span>
        )}
      </p>
      {isCrowded && (
        <p className="queue-crowded">
          <TriangleAlert aria-hidden size={15} /> {words('floor.queue.nobodyFree')}
        </p>
      )}
      <p className="small muted">
        {words('floor.queue.agents', {
          ready: agents.ready,
          busy: agents.busy,
          notReady: agents.notReady,
        })}
      </p>
      <ServiceLevel line={line} />
    </div>
  );
}

function ServiceLevel({ line }: { line: QueueLine }) {
  const words = useWords();
  const language = useLanguage();
  const { figures } = line;
  const level = serviceLevelOf(figures);
  const within = durationText(figures.serviceLevel.withinMs, language);
  if (level === undefined) {
    return <p className="small muted">{words('floor.queue.noLevel', { within })}</p>;
  }
  const percent = new Intl.NumberFormat(language, {
    style: 'percent',
    maximumFractionDigits: 0,
  }).format(level / 100);
  return <p className="small">{words('floor.queue.level', { percent, within })}</p>;
}
