import type { FloorQuarter, MediaType } from '@cordboard/client';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { type Chart, chartOf, quartersSince, totalsOf } from '../../floor/chart.js';
import { linesOf } from '../../floor/figures.js';
import { useLanguage, useWords } from '../../i18n/index.js';
import { Card, Picker } from '../parts.js';
import { useCalmFloor, useFloor } from './parts.js';

const height = 220;
const minuteMs = 60_000;

/** A queue's day: what came in, was answered, was given up, by quarter hours. */
export function Day() {
  const words = useWords();
  const floor = useCalmFloor();
  const [chosen, setChosen] = useState('');
  const lines = [...(floor?.queues.values() ?? [])].flatMap((queue) =>
    linesOf(queue).map(({ type }) => ({ key: `${type} ${queue.name}`, type, name: queue.name })),
  );
  const line = lines.find((it) => it.key === chosen) ?? lines[0];
  if (!line) return null;
  return (
    <Card
      title={words('floor.day')}
      id="floor-day"
      className="floor-part"
      aside={
        <Picker
          label={words('floor.queue')}
          value={line.key}
          of={lines.map(({ key, type, name }) => [
            key,
            type === 'Telephony' ? name : `${name} – ${words(`channel.${type}`)}`,
          ])}
          onChange={setChosen}
        />
      }
    >
      <Quarters name={line.name} type={line.type} />
    </Card>
  );
}

const noQuarters: readonly FloorQuarter[] = [];

function Quarters({ name, type }: { name: string; type: MediaType }) {
  const words = useWords();
  const all = useFloor((it) => it.queues.get(name)?.[type]?.quarters) ?? noQuarters;
  const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  const quarters = useMemo(
    () => quartersSince(all, new Date(nowMs).setHours(0, 0, 0, 0)),
    [all, nowMs],
  );
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const chart = useMemo(
    () => chartOf(quarters, nowMs, { width, height, left: 36, bottom: 24, top: 8 }),
    [quarters, nowMs, width],
  );
  const totals = totalsOf(quarters);
  const summary = words('floor.day.summary', { name, ...totals });
  return (
    <>
      <ul className="legend">
        <li className="is-entered">
          {words('floor.entered')} <strong>{totals.entered}</strong>
        </li>
        <li className="is-answered">
          {words('floor.answered')} <strong>{totals.answered}</strong>
        </li>
        <li className="is-abandoned">
          {words('floor.abandoned')} <strong>{totals.abandoned}</strong>
        </li>
      </ul>
      <div ref={box} className="chart-box">
        {width > 0 && <Picture chart={chart} width={width} summary={summary} />}
      </div>
      <details className="as-table">
        <summary>{words('floor.day.table')}</summary>
        <Figures quarters={quarters} caption={summary} />
      </details>
    </>
  );
}

function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = ref;
    if (!current) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(current);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

function useTimeText(): (ms: number) => string {
  const language = useLanguage();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
    return (ms) => format.format(ms);
  }, [language]);
}

function Picture(props: {
  readonly chart: Chart;
  readonly width: number;
  readonly summary: string;
}) {
  const { chart, width, summary } = props;
  const timeText = useTimeText();
  const { columns, hours, counts, groundY } = chart;
  return (
    <svg className="chart" width={width} height={height} role="img" aria-label={summary}>
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse">
          <rect className="hatch-ground" width="5" height="5" />
          <path className="hatch-line" d="M-1,1 l2,-2 M0,5 l5,-5 M4,6 l2,-2" />
        </pattern>
      </defs>
      {counts.map(({ value, at }) => (
        <g key={value}>
          <line className="chart-line" x1={36} x2={width} y1={at} y2={at} />
          <text className="chart-count" x={30} y={at}>
            {value}
          </text>
        </g>
      ))}
      {hours.map(({ value, at }, index) => (
        <text
          key={value}
          className={`chart-hour${hourPlace(at, index, width)}`}
          x={Math.min(at, width)}
          y={height - 6}
        >
          {timeText(value)}
        </text>
      ))}
      {columns.map(({ startMs, x, width: all, answered, abandoned, enteredY, quarter }) => (
        <g key={startMs}>
          <rect className="bar is-answered" x={x + 1} width={Math.max(1, all - 2)} {...answered} />
          <rect
            className="bar is-abandoned"
            x={x + 1}
            width={Math.max(1, all - 2)}
            {...abandoned}
          />
          {quarter.entered > 0 && (
            <line className="bar-entered" x1={x} x2={x + all} y1={enteredY} y2={enteredY} />
          )}
        </g>
      ))}
      <line className="chart-ground" x1={36} x2={width} y1={groundY} y2={groundY} />
    </svg>
  );
}

/** Names at the ends do not stand out of the picture. */
function hourPlace(at: number, index: number, width: number): string {
  if (index === 0) return ' is-first';
  return at > width - 24 ? ' is-last' : '';
}

function Figures({ quarters, caption }: { quarters: readonly FloorQuarter[]; caption: string }) {
  const words = useWords();
  const timeText = useTimeText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region
    <section className="figures" aria-label={words('floor.day.table')} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words('floor.day.from')}</th>
            <th scope="col">{words('floor.entered')}</th>
            <th scope="col">{words('floor.answered')}</th>
            <th scope="col">{words('floor.abandoned')}</th>
          </tr>
        </thead>
        <tbody>
          {quarters.map(({ start, entered, answered, abandoned }) => (
            <tr key={start}>
              <th scope="row">{timeText(Date.parse(start))}</th>
              <td>{entered}</td>
              <td>{answered}</td>
              <td>{abandoned}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
