/**
 * Where the app keeps what must outlive a page: settings, keys, certificates, charges, sealed records.
 * Keys are paths such as `charge/0x12…`; values are what a browser can clone, CryptoKey included.
 */
export interface Store {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
  /** All entries whose key begins with the prefix, in the order of their keys. */
  list(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
}

/** A store that forgets: where the browser refuses one that lasts, and in tests of logic. */
export function memoryStore(): Store {
  const entries = new Map<string, unknown>();
  return {
    get: async (key) => entries.get(key),
    put: async (key, value) => {
      entries.set(key, structuredClone(value));
    },
    remove: async (key) => {
      entries.delete(key);
    },
    list: async (prefix) =>
      [...entries].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}
