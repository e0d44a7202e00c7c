// Makes src/generated/protocol.ts, the types of the protocol, from protocol/. Run by `npm run
// build`; the result is not committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const protocol = new URL('../../../protocol/', import.meta.url);
const out = new URL('../src/generated/protocol.ts', import.meta.url);

const load = (name) => JSON.parse(readFileSync(new URL(name, protocol), 'utf8'));
const names = load('schemas/names.json').definitions;
const objects = load('schemas/objects.json').definitions;
const messages = load('schemas/messages.json').definitions;
const commands = load('commands.json').messages;
const events = load('events.json').messages;

const typeName = (name) => name[0].toUpperCase() + name.slice(1);
const literal = (value) => (typeof value === 'string' ? `'${value}'` : String(value));
const key = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);
const comment = (text, indent = '') => (text ? `${indent}/** ${text} */\n` : '');

/** The TypeScript type of a schema. Whatever it does not know is refused: no `any` by accident. */
function typeOf(schema, indent = '') {
  if (schema.$ref) return typeName(schema.$ref.split('/').at(-1));
  if ('const' in schema) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((one) => typeOf(one, indent)).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return `readonly (${typeOf(schema.items, indent)})[]`;
    case 'object':
      return schema.properties ? objectType(schema, indent) : 'JsonObject';
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

function objectType(schema, indent = '') {
  const required = schema.required ?? [];
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties).map(([name, value]) => {
    const mark = required.includes(name) ? '' : '?';
    const about = value.$ref ? '' : comment(value.description, inner);
    return `${about}${inner}readonly ${key(name)}${mark}: ${typeOf(value, inner)};\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

function definition([name, schema]) {
  return `${comment(schema.description)}export type ${typeName(name)} = ${typeOf(schema)};\n`;
}

/** A message's `data`, as a type. */
const dataOf = (message) => {
  const data = message.payload.properties.data;
  return data?.properties || data?.$ref || data?.anyOf ? typeOf(data, '    ') : 'NoData';
};

function command([name, message]) {
  const adds = message['x-adds'] ? typeOf(message['x-adds'], '    ') : 'NoData';
  return (
    `${comment(message.summary, '  ')}  readonly '${name}': {\n` +
    `    readonly target: ${literal(message['x-target'] ?? 'none')};\n` +
    `    readonly data: ${dataOf(message)};\n    readonly adds: ${adds};\n  };\n`
  );
}

function event([name, message]) {
  return (
    `${comment(message.summary, '  ')}  readonly '${name}': {\n` +
    `    readonly target: ${message['x-target'].map(literal).join(' | ')};\n` +
    `    readonly data: ${dataOf(message)};\n  };\n`
  );
}

/** Events that are counted, and those that are only told to who asked (schemas/messages.json). */
const isLive = ([, { payload }]) => payload.allOf[0].$ref.endsWith('/liveEvent');
const eventsThat = (isWanted) => Object.entries(events).filter(isWanted).map(event).join('');

const envelopes = ['requestId', 'seq', 'failureReason'];
const text = `// Made from protocol/ by scripts/generate.mjs. Do not edit.

export type JsonObject = { readonly [name: string]: unknown };
/** No member is known. */
export type NoData = { readonly [name: string]: never };

${Object.entries(names).map(definition).join('\n')}
${Object.entries(objects).map(definition).join('\n')}
${envelopes.map((name) => definition([name, messages[name]])).join('\n')}
/** The commands, by the spelling the SDK uses. */
export interface Commands {
${Object.entries(commands).map(command).join('')}}

/** The events, by name. */
export interface Events {
${eventsThat((one) => !isLive(one))}}

/** The events without a number, by name. */
export interface LiveEvents {
${eventsThat(isLive)}}
`;

mkdirSync(new URL('.', out), { recursive: true });
writeFileSync(out, text);
