// The chart of a queue's day: a column for each quarter hour, in the units of an SVG. Pure.
import type { FloorQuarter } from '@cordboard/client';

const quarterMs = 15 * 60_000;
const hourMs = 4 * quarterMs;
/** Less would be a few fat columns. */
const spanLeastMs = 4 * hourMs;

export interface Size {
  readonly width: number;
  readonly height: number;
  /** Room for the scales. */
  readonly left: number;
  readonly bottom: number;
  readonly top: number;
}

export interface Column {
  readonly quarter: FloorQuarter;
  readonly startMs: number;
  readonly x: number;
  readonly width: number;
  /** From the ground up: answered, on it abandoned; entered is a mark of its own. */
  readonly answered: Span;
  readonly abandoned: Span;
  readonly enteredY: number;
}

export interface Span {
  readonly y: number;
  readonly height: number;
}

export interface Tick {
  readonly at: number;
  readonly value: number;
}

export interface Chart {
  readonly columns: readonly Column[];
  /** `value` in ms since 1970. */
  readonly hours: readonly Tick[];
  readonly counts: readonly Tick[];
  readonly groundY: number;
}

/** Those of the day that `midnightMs` begins, in their order. */
export function quartersSince(
  quarters: readonly FloorQuarter[],
  midnightMs: number,
): readonly FloorQuarter[] {
  return quarters
    .filter((it) => Date.parse(it.start) >= midnightMs)
    .sort((one, other) => Date.parse(one.start) - Date.parse(other.start));
}

/** 0 and up to four steps of 1, 2 or 5 times a power of ten that reach `most`. */
export function countScale(most: number): readonly number[] {
  const least = Math.max(1, most) / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, [1, 2, 5, 10].map((it) => it * power).find((it) => it >= least) ?? 1);
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

const hourSteps = [1, 2, 3, 4, 6, 12] as const;
/** Room for the name of an hour. */
const hourWidth = 76;

export function chartOf(quarters: readonly FloorQuarter[], nowMs: number, size: Size): Chart {
  const { width, height, left, bottom, top } = size;
  const groundY = height - bottom;
  const firstMs = quarters[0] ? Date.parse(quarters[0].start) : nowMs;
  const endMs = Math.ceil((nowMs + 1) / hourMs) * hourMs;
  const startMs = Math.min(Math.floor(firstMs / hourMs) * hourMs, endMs - spanLeastMs);
  const xOf = (ms: number) => left + ((width - left) * (ms - startMs)) / (endMs - startMs);

  const heights = quarters.map((it) => Math.max(it.entered, it.answered + it.abandoned));
  const scale = countScale(Math.max(0, ...heights));
  const most = scale.at(-1) ?? 1;
  const yOf = (count: number) => groundY - ((groundY - top) * count) / most;

  const columnWidth = xOf(startMs + quarterMs) - xOf(startMs);
  const columns = quarters.map((quarter): Column => {
    const begins = Date.parse(quarter.start);
    const answeredY = yOf(quarter.answered);
    const abandonedY = yOf(quarter.answered + quarter.abandoned);
    return {
      quarter,
      startMs: begins,
      x: xOf(begins),
      width: columnWidth,
      answered: { y: answeredY, height: groundY - answeredY },
      abandoned: { y: abandonedY, height: answeredY - abandonedY },
      enteredY: yOf(quarter.entered),
    };
  });

  const allHours = (endMs - startMs) / hourMs;
  const hoursMost = Math.max(1, Math.floor((width - left) / hourWidth));
  const every = hourSteps.find((it) => allHours / it <= hoursMost) ?? 24;
  const hours = Array.from({ length: Math.floor(allHours / every) + 1 }, (_, index) => {
    const value = startMs + index * every * hourMs;
    return { value, at: xOf(value) };
  });
  return { columns, hours, counts: scale.map((value) => ({ value, at: yOf(value) })), groundY };
}

export interface Totals {
  readonly entered: number;
  readonly answered: number;
  readonly abandoned: number;
}

export function totalsOf(quarters: readonly FloorQuarter[]): Totals {
  const sum = (of: (it: FloorQuarter) => number) => quarters.reduce((all, it) => all + of(it), 0);
  return {
    entered: sum((it) => it.entered),
    answered: sum((it) => it.answered),
    abandoned: sum((it) => it.abandoned),
  };
}
