/** What the development identity provider keeps: sessions, codes, tokens, grants. Times in epoch seconds. */
export interface IdentityRecordTable {
  model: string;
  id: string;
  payload: unknown;
  grant_id: string | null;
  uid: string | null;
  consumed_at: string | null;
  expires_at: string | null;
}

export interface IdentityTables {
  identity_record: IdentityRecordTable;
}
