// Who is on the other side of an interaction, as far as the server has said.
import { focusOf, type Interaction, type Member } from '@cordboard/client';

export interface Person {
  /** What to call them; the address if there is no name. */
  readonly title: string;
  /** The address, if it says more than the title. */
  readonly detail: string | undefined;
}

export function personOf(member: Pick<Member, 'address' | 'name'>): Person {
  const name = member.name?.trim();
  if (!name || name === member.address) return { title: member.address, detail: undefined };
  return { title: name, detail: member.address };
}

/** The customer, or whoever is there; of a chat or an e-mail, who has written. */
export function otherSideOf(interaction: Interaction): Person | undefined {
  const primary = interaction.conversations.find((it) => it.type === 'primary');
  const members = (primary ?? focusOf(interaction))?.members ?? [];
  const member = members.find((it) => it.role === 'customer') ?? members[0];
  const address = textIn(interaction, 'ANI') ?? textIn(interaction, 'From');
  if (member?.address || member?.name) return personOf(member);
  return address ? { title: address, detail: undefined } : undefined;
}

/** What the data say under a key, if it is a text or a number. */
export function textIn(interaction: Interaction, key: string): string | undefined {
  const value = interaction['interaction-data'][key];
  if (typeof value === 'string') return value || undefined;
  return typeof value === 'number' ? String(value) : undefined;
}

/** Keys that are shown elsewhere, or say nothing to people. */
const shownElsewhere: readonly string[] = ['ANI', 'Direction', 'CallId', 'QueueTimeMs'];

/** The data as lines to show. A value that is no text is shown as its JSON. */
export function dataLines(interaction: Interaction): readonly (readonly [string, string])[] {
  return Object.entries(interaction['interaction-data'])
    .filter(([key]) => !shownElsewhere.includes(key))
    .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
}
