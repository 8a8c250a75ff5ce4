import database from 'dynalite/db/index.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import putItem from 'dynalite/validations/putItem.js';
import updateItem from 'dynalite/validations/updateItem.js';

/**
 * Teaches `dynalite` the parameter `ReturnValuesOnConditionCheckFailure`, which AWS has since June
 * 2023: a refused conditional write answers with the item that stood in the way, read under the
 * lock the condition was judged under. `dynalite` 4.0 drops the parameter as an unknown one.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 */
export function answerRefusalsWithItems(): void {
  if (PARAMETER in updateItem.types) return;
  for (const action of [deleteItem, putItem, updateItem]) {
    action.types[PARAMETER] = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
  }
  const judge = database.checkConditional;
  database.checkConditional = (request, item) => {
    const refusal = judge(request, item);
    if (refusal !== undefined && refusal !== null && request[PARAMETER] === 'ALL_OLD' && item) {
      refusal.body['Item'] = item;
    }
    return refusal;
  };
}

const PARAMETER = 'ReturnValuesOnConditionCheckFailure';
