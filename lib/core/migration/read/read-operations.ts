import { OperationFormat } from '../format/operations-format.ts';
import type { DeclaredOperation } from '../migration.ts';
import { itemsOf } from './items.ts';
import type { Reading } from './reading.ts';

/** The operations whose shape is right; what is wrong with the others is reported elsewhere. */
export function readOperations(reading: Reading): readonly DeclaredOperation[] {
  return itemsOf(reading, 'operations').flatMap(({ path, value }) => {
    const result = OperationFormat.safeParse(value);
    if (!result.success) return [];
    const { name, declared } = result.data;
    const locationOf = (inside: readonly (string | number)[]) =>
      reading.document.locationOf([...path, name, ...inside]);
    return [{ name, declared, location: locationOf([]), locationOf }];
  });
}
