import type { Store } from './Store.ts';

const objectStore = 'entries';

/** The browser's own database. Rejects where the browser has none to give (private windows of some). */
export async function openIndexedDbStore(databaseName: string): Promise<Store> {
  const opening = indexedDB.open(databaseName, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(objectStore);
  const database = await answerOf(opening);
  const entries = (mode: IDBTransactionMode) =>
    database.transaction(objectStore, mode, { durability: 'strict' }).objectStore(objectStore);
  return {
    get: (key) => answerOf(entries('readonly').get(key)),
    put: async (key, value) => finished(entries('readwrite').put(value, key)),
    remove: async (key) => finished(entries('readwrite').delete(key)),
    async list(prefix) {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const store = entries('readonly');
      const [keys, values] = await Promise.all([
        answerOf(store.getAllKeys(range)),
        answerOf(store.getAll(range)),
      ]);
      return keys.map((key, index) => [String(key), values[index]] as const);
    },
  };
}

function answerOf<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when the transaction of the request is on disk, not when it is queued. */
function finished(request: IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = request.transaction as IDBTransaction;
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
