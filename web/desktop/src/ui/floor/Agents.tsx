import type { FloorAgent, Model } from '@cordboard/client';
import { Info } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import {
  GridList,
  GridListItem,
  Input,
  Label,
  ListLayout,
  SearchField,
  ToggleButton,
  ToggleButtonGroup,
  Virtualizer,
} from 'react-aria-components';
import { isRunning } from '../../desk/actions.js';
import {
  type Choice,
  countsOf,
  type Group as GroupOfStates,
  groups,
  type Order,
  orderedIds,
  orders,
  sameOr,
} from '../../floor/agents.js';
import { obstacleOf, phoneOf } from '../../floor/supervision.js';
import { useLanguage, useWords } from '../../i18n/index.js';
import { Action, Card, Picker, remPx } from '../parts.js';
import { useSurroundings } from '../surroundings.js';
import { AgentRow } from './AgentRow.js';
import { ForceLogout } from './ForceLogout.js';
import { useCalmFloor } from './parts.js';

const noAgents: ReadonlyMap<string, FloorAgent> = new Map();
const everybody: Choice = { text: '', group: 'all', queue: undefined, order: 'name' };
/** Names of queues are the operator's: this one is none. */
const anyQueue = '';

interface Item {
  readonly id: string;
  readonly name: string;
}

export function Agents({ model }: { model: Model }) {
  const words = useWords();
  const [choice, setChoice] = useState(everybody);
  const [leaving, setLeaving] = useState<string>();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const floor = useCalmFloor();
  const agents = floor?.agents ?? noAgents;
  const items = useItems(agents, choice, isMenuOpen);
  const rowSize = useRowSize();
  const layoutOptions = useMemo(() => ({ rowSize }), [rowSize]);
  const choose = (part: Partial<Choice>) => setChoice((old) => ({ ...old, ...part }));
  return (
    <Card title={words('floor.agents')} id="floor-agents" className="floor-part">
      <Obstacle model={model} />
      <Filters
        choice={choice}
        agents={agents}
        queues={[...(floor?.queues.keys() ?? [])]}
        onChoose={choose}
      />
      <Virtualizer layout={ListLayout} layoutOptions={layoutOptions}>
        <GridList<Item>
          className="agents"
          aria-labelledby="floor-agents"
          items={items}
          renderEmptyState={() => <p className="muted">{words('floor.noneFound')}</p>}
        >
          {({ id, name }) => (
            <GridListItem textValue={name} className="agent">
              <AgentRow id={id} name={name} onMenu={setMenuOpen} onLogOut={setLeaving} />
            </GridListItem>
          )}
        </GridList>
      </Virtualizer>
      <ForceLogout
        agent={leaving === undefined ? undefined : agents.get(leaving)}
        model={model}
        onClose={() => setLeaving(undefined)}
      />
    </Card>
  );
}

/**
 * Who is shown, in order: as of the last second, so that rows do not run away from who points at
 * them, and as it was while a menu is open. What the rows say is always new.
 */
function useItems(
  agents: ReadonlyMap<string, FloorAgent>,
  choice: Choice,
  isHeld: boolean,
): readonly Item[] {
  const language = useLanguage();
  const [known] = useState(() => new Map<string, Item>());
  const [held, setHeld] = useState<readonly Item[]>([]);
  const found = useMemo(
    () =>
      orderedIds(agents.values(), choice, language).map((id) =>
        itemOf(known, id, agents.get(id)?.name ?? id),
      ),
    [known, agents, choice, language],
  );
  const items = isHeld ? held : sameOr(held, found);
  useEffect(() => setHeld(items), [items]);
  return items;
}

/** The same object for the same agent: what is drawn of it is kept by that. */
function itemOf(known: Map<string, Item>, id: string, name: string): Item {
  const old = known.get(id);
  if (old?.name === name) return old;
  const item = { id, name };
  known.set(id, item);
  return item;
}

/** Rows of one line where there is room, of three where there is not. */
function useRowSize(): number {
  const [isWide, setWide] = useState(() => matchMedia('(width >= 60rem)').matches);
  useEffect(() => {
    const query = matchMedia('(width >= 60rem)');
    const look = () => setWide(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return remPx(isWide ? 3.5 : 6.25);
}

/** Why nobody can be listened to, and the way out of it. */
function Obstacle({ model }: { model: Model }) {
  const words = useWords();
  const { desk } = useSurroundings();
  const obstacle = obstacleOf(model);
  const phone = phoneOf(model);
  if (!obstacle) return null;
  return (
    <div className="notice is-info" role="note">
      <Info aria-hidden size={20} />
      <div>
        <p>{words(`floor.obstacle.${obstacle}`)}</p>
        {obstacle === 'phoneOff' && phone?.state === 'INACTIVE' && (
          <Action
            label={words('floor.phoneOn')}
            isPending={isRunning(desk, 'channel.activate', phone.target)}
            onPress={() => void desk.ask('channel.activate', phone.target)}
          />
        )}
      </div>
    </div>
  );
}

function Filters(props: {
  readonly choice: Choice;
  readonly agents: ReadonlyMap<string, FloorAgent>;
  readonly queues: readonly string[];
  readonly onChoose: (part: Partial<Choice>) => void;
}) {
  const words = useWords();
  const { choice, agents, queues, onChoose } = props;
  const counts = useMemo(() => countsOf(agents.values()), [agents]);
  return (
    <div className="filters">
      <SearchField
        className="field search"
        value={choice.text}
        onChange={(text) => onChoose({ text })}
      >
        <Label>{words('floor.search')}</Label>
        <Input />
      </SearchField>
      <Picker
        label={words('floor.queue')}
        value={choice.queue ?? anyQueue}
        of={[[anyQueue, words('floor.anyQueue')], ...queues.map((it) => [it, it] as const)]}
        onChange={(queue) => onChoose({ queue: queue === anyQueue ? undefined : queue })}
      />
      <Picker
        label={words('floor.order')}
        value={choice.order}
        of={orders.map((it): [Order, string] => [it, words(`floor.order.${it}`)])}
        onChange={(order) => onChoose({ order })}
      />
      <ToggleButtonGroup
        className="groups"
        aria-label={words('floor.group')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[choice.group]}
        onSelectionChange={([group]) => group && onChoose({ group: group as GroupOfStates })}
      >
        {groups.map((it) => (
          <ToggleButton key={it} id={it} className="group">
            {words(`floor.group.${it}`)} <span className="group-count">{counts[it]}</span>
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </div>
  );
}
