import type { z } from 'zod';
import { quoteLiteral } from '../backfill/sql-text.ts';
import { part } from '../migration/format/vocabulary.ts';
import { writeName } from '../sql/sql-name.ts';
import { isRefusal } from './find-table.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { nameFormat, readRelationName, relationNameFormat } from './relation-name.ts';
import type { EnumModel, SchemaModel } from './schema-model.ts';

const LabelFormat = nameFormat('a label');

const Format = part('a mapping with type and value', {
  type: relationNameFormat('the name of an enum type'),
  value: LabelFormat,
  before: LabelFormat.optional().describe('The label that it stands before. @default - the end'),
  after: LabelFormat.optional().describe('The label that it stands behind. @default - the end'),
}).meta({
  id: 'add_enum_value',
  description:
    'Gives an enum type one more label, which a rollback leaves there: PostgreSQL cannot take it away.',
});

type Declared = z.output<typeof Format>;

/**
 * PostgreSQL has no way to take a label away, so nothing takes it back: rolled back, the type keeps
 * a label that nobody writes, and the next try finds it in its place.
 */
export const addEnumValue = operationKind({
  name: 'add_enum_value',
  format: Format,
  lower: (declared: Declared, { model }: LoweringContext): LoweringOutcome => {
    const { schema, name } = readRelationName(declared.type);
    const type = model.enums.find(
      (known) => known.name === name && known.schema === (schema ?? model.defaultSchema),
    );
    if (type === undefined) {
      return refuse(`there is no enum type ${writeName({ schema, name })}`, { path: ['type'] });
    }
    const labels = labelsAfter(type, declared);
    if (isRefusal(labels)) return labels;
    const place =
      declared.before !== undefined
        ? ` before ${quoteLiteral(declared.before)}`
        : declared.after !== undefined
          ? ` after ${quoteLiteral(declared.after)}`
          : '';
    return lowered({
      expand: [
        {
          kind: 'statement',
          id: 'add',
          sql: `alter type ${writeName({ schema, name })} add value if not exists ${quoteLiteral(declared.value)}${place}`,
          undo: {
            kind: 'nothing',
            why: 'PostgreSQL cannot take a label away; no row has it before the new application writes one',
          },
        },
      ],
      after: withLabels(model, type, labels),
    });
  },
});

/** Their order with the new one; a label that is there already has to be where it is wanted. */
function labelsAfter(
  { labels, name }: EnumModel,
  { value, before, after }: Declared,
): readonly string[] | Refusal {
  if (before !== undefined && after !== undefined) {
    return refuse('a label stands before or after another one, not both', { path: ['after'] });
  }
  const neighbour = before ?? after;
  if (neighbour !== undefined && !labels.includes(neighbour)) {
    return refuse(`the enum type ${name} has no label ${neighbour}`, {
      path: [before === undefined ? 'after' : 'before'],
      fix: `one of ${labels.join(', ')}`,
    });
  }
  const others = labels.filter((label) => label !== value);
  const at =
    neighbour === undefined
      ? others.length
      : others.indexOf(neighbour) + (before === undefined ? 1 : 0);
  const wanted = others.toSpliced(at, 0, value);
  const stays = wanted.join('\0') === labels.join('\0');
  if (others.length === labels.length || stays) return wanted;
  if (neighbour === undefined) return labels;
  return refuse(`the enum type ${name} has the label ${value} already, in another place`, {
    path: ['value'],
    fix: `its order is ${labels.join(', ')}`,
  });
}

function withLabels(model: SchemaModel, type: EnumModel, labels: readonly string[]): SchemaModel {
  return {
    ...model,
    enums: model.enums.map((known) => (known === type ? { ...known, labels } : known)),
  };
}
