/** A bank's camt.054 notification as this house's tests need it; each entry one transfer. */
export interface NotedTransfer {
  readonly side: 'CRDT' | 'DBIT';
  /** As banks write it: `12.30`. */
  readonly amount: string;
  readonly endToEndId?: string;
  readonly currency?: string;
  readonly status?: string;
  readonly reversal?: boolean;
  readonly reference?: string;
}

export function printNotification(
  iban: string,
  transfers: readonly NotedTransfer[],
  messageId = 'NTF-1',
): string {
  const entries = transfers.map(
    (transfer, index) => `
      <Ntry>
        <Amt Ccy="${transfer.currency ?? 'EUR'}">${transfer.amount}</Amt>
        <CdtDbtInd>${transfer.side}</CdtDbtInd>${transfer.reversal ? '\n        <RvslInd>true</RvslInd>' : ''}
        <Sts><Cd>${transfer.status ?? 'BOOK'}</Cd></Sts>
        <BookgDt><Dt>2026-09-22</Dt></BookgDt>
        <AcctSvcrRef>${transfer.reference ?? `${messageId}-${index}`}</AcctSvcrRef>
        <BkTxCd><Domn><Cd>PMNT</Cd></Domn></BkTxCd>
        <NtryDtls><TxDtls><Refs>${
          transfer.endToEndId === undefined ? '' : `<EndToEndId>${transfer.endToEndId}</EndToEndId>`
        }</Refs></TxDtls></NtryDtls>
      </Ntry>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
  <BkToCstmrDbtCdtNtfctn>
    <GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>2026-09-22T08:00:00</CreDtTm></GrpHdr>
    <Ntfctn>
      <Id>${messageId}</Id>
      <Acct><Id><IBAN>${iban}</IBAN></Id></Acct>${entries.join('')}
    </Ntfctn>
  </BkToCstmrDbtCdtNtfctn>
</Document>`;
}

/** IBANs with right check digits, of nobody. */
export const testIbans = [
  'DE87123456781234567890',
  'DE40987654329876543210',
  'AT611904300234573201',
  'FR1420041010050500013M02606',
  'NL91ABNA0417164300',
] as const;
