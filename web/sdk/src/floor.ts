// How agents and queues are, folded from floor.updated (docs/protocol.md, section 4, "The floor").
import type {
  FloorAgent,
  FloorFigures,
  FloorQuarter,
  FloorQueue,
  FloorUpdate,
  MediaType,
} from './generated/protocol.js';

/** Never changed: an update makes a new one, which shares the rows that are as before. */
export interface Floor {
  /** By id, in the order of the configuration. */
  readonly agents: ReadonlyMap<string, FloorAgent>;
  /** By name; `quarters` are all that are known, the oldest first. */
  readonly queues: ReadonlyMap<string, FloorQueue>;
}

/** As many as the server keeps: a day's. */
const quartersMax = 96;
const mediaTypes: readonly MediaType[] = ['Telephony', 'Chat', 'Email'];

/** Undefined: a part of something that is not known. */
export function foldFloor(floor: Floor | undefined, update: FloorUpdate): Floor | undefined {
  const before = update.whole ? { agents: new Map(), queues: new Map() } : floor;
  if (!before) return undefined;
  const rows = update.queues.map((row) => withQuarters(before.queues.get(row.name), row));
  return {
    agents: withRows(before.agents, update.agents, (row) => row.id),
    queues: withRows(before.queues, rows, (row) => row.name),
  };
}

function withRows<Row>(
  before: ReadonlyMap<string, Row>,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  if (rows.length === 0) return before;
  const after = new Map(before);
  for (const row of rows) after.set(keyOf(row), row);
  return after;
}

/** An update has only the quarters that have changed. */
function withQuarters(before: FloorQueue | undefined, row: FloorQueue): FloorQueue {
  if (!before) return row;
  const merged: { [Type in MediaType]?: FloorFigures } = {};
  for (const type of mediaTypes) {
    const quarters = mergeQuarters(before[type].quarters, row[type].quarters);
    merged[type] = { ...row[type], quarters };
  }
  return { ...row, ...merged };
}

function mergeQuarters(
  before: readonly FloorQuarter[],
  news: readonly FloorQuarter[],
): readonly FloorQuarter[] {
  const first = news[0]?.start;
  if (first === undefined) return before;
  // What has changed is what is newest.
  return [...before.filter((it) => it.start < first), ...news].slice(-quartersMax);
}
