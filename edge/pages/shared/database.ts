/// <reference lib="dom" />
/**
 * A database of the browser (IndexedDB) that stores values by name. A value may be a
 * CryptoKey; a key that is not extractable stays so.
 *
 * @module
 */

/** A database; close it before deleting it. */
export interface Database {
  get<T>(name: string): Promise<T | undefined>;
  /** Writes all values, or none. */
  put(values: Readonly<Record<string, unknown>>): Promise<void>;
  delete(...names: string[]): Promise<void>;
  /** Every value, by name, in the order of the names. */
  all<T>(): Promise<Map<string, T>>;
  close(): void;
}

const STORE = "values";

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function complete(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Opens the database of a name, or makes it. */
export async function openDatabase(name: string): Promise<Database> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await done(opening);
  // Otherwise another page that deletes the database would have to wait for this one.
  database.onversionchange = () => database.close();

  function write(work: (store: IDBObjectStore) => void): Promise<void> {
    // `strict`, because a seed or an order must survive a crash right after this write.
    const transaction = database.transaction(STORE, "readwrite", {
      durability: "strict",
    });
    work(transaction.objectStore(STORE));
    return complete(transaction);
  }
  const read = () => database.transaction(STORE).objectStore(STORE);

  return {
    get: (name) => done(read().get(name)),
    put: (values) =>
      write((store) => {
        for (const [name, value] of Object.entries(values)) {
          store.put(value, name);
        }
      }),
    delete: (...names) =>
      write((store) => {
        for (const name of names) store.delete(name);
      }),
    async all<T>() {
      const store = read();
      const [names, values] = await Promise.all([
        done(store.getAllKeys()),
        done(store.getAll()),
      ]);
      return new Map(names.map((name, i) => [String(name), values[i] as T]));
    },
    close: () => database.close(),
  };
}
