import { join } from 'node:path';
import type { ChainClient } from '@p2p-power/chain/ChainClient';
import { ChainFault } from '@p2p-power/chain/ChainFault';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { SettlementProof } from '@p2p-power/protocol/SettlementProof';
import { openFindingList } from '@p2p-power/provider/audit/AuditFinding';
import { auditPrivacy } from '@p2p-power/provider/audit/auditPrivacy';
import { openBooks } from '@p2p-power/provider/audit/openBooks';
import { type AuditReport, runAudit } from '@p2p-power/provider/audit/runAudit';
import { settlementProofs } from '@p2p-power/provider/clearing/settlementProof';
import { openDatabase } from '@p2p-power/provider/database/openDatabase';
import { reachDatabase } from '@p2p-power/provider/database/reachDatabase';
import { type ProviderConfig, readProviderConfig } from '@p2p-power/provider/ProviderConfig';
import { Complaint } from '../Complaint.ts';
import { openPage } from '../Page.ts';
import { readJsonFile } from '../readJsonFile.ts';
import { auditReceipt, fetchProofs, providerUrlOf, readProofs } from './auditReceipt.ts';
import { openAuditChain } from './openAuditChain.ts';
import { printAudit, progressPrinter } from './printAudit.ts';
import { isSound, printReceiptAudit } from './printReceiptAudit.ts';
import { readEvidenceFile } from './readEvidenceFile.ts';

/** The command’s options. */
export interface AuditOptions {
  readonly deployment?: string;
  readonly rpc?: readonly string[];
  readonly data?: string;
  readonly config?: string;
  readonly state?: string;
  readonly fresh?: boolean;
  readonly signatures?: boolean;
  readonly privacy?: boolean;
  readonly json?: boolean;
  readonly receipt?: string;
  readonly proof?: string;
  readonly provider?: string;
}

/** What `p2p-power audit` was asked; answers its exit code. */
export async function runAuditCommand(options: AuditOptions): Promise<number> {
  const config = options.config === undefined ? undefined : readConfig(options.config);
  const client = openAuditChain(options, config?.chain);
  try {
    return options.receipt === undefined
      ? await auditBooks(client, config, options)
      : await auditOne(client, config, options.receipt, options);
  } catch (error) {
    if (error instanceof ChainFault)
      throw new Complaint(
        `The chain cannot be read: ${error.message}.`,
        'Name another node with --rpc; running again goes on where it stopped.',
        { cause: error },
      );
    throw error;
  }
}

function readConfig(file: string): ProviderConfig {
  const config = readProviderConfig(file);
  if (!config.ok)
    throw new Complaint(
      `${file} is refused: ${config.refusal}:\n${config.detail}`,
      'docs/provider.md explains the entries.',
    );
  if (config.value.chain === undefined)
    throw new Complaint(
      `${config.value.providerId} is connected to no chain: there is nothing to hold its books against.`,
      'Name the chain in its configuration (chain), or leave out --config.',
    );
  return config.value;
}

async function auditBooks(
  client: ChainClient,
  config: ProviderConfig | undefined,
  options: AuditOptions,
): Promise<number> {
  const stateFile = options.state ?? (config === undefined ? undefined : join(config.dataDir, 'audit.state'));
  const progress = progressPrinter(process.stderr);
  const run = async (books?: Awaited<ReturnType<typeof openBooks>>): Promise<AuditReport> => {
    const done = await runAudit({
      client,
      ...(books !== undefined && { books }),
      ...(stateFile !== undefined && { stateFile }),
      fresh: options.fresh ?? false,
      onProgress: progress.show,
    });
    progress.clear();
    if (done.ok) return done.value;
    throw new Complaint(
      `${stateFile} cannot be gone on with: ${done.refusal}: ${done.detail}.`,
      'Begin anew: --fresh; or name another file: --state FILE',
    );
  };
  const report =
    config === undefined
      ? await run()
      : await withDatabase(config, async (db) => {
          const { providerId } = config;
          const books = await openBooks(client, db, { providerId, signatures: options.signatures ?? false });
          const audited = await run(books);
          return options.privacy === true ? withPrivacy(client, { db, providerId }, audited) : audited;
        });
  if (options.json) console.log(JSON.stringify(report, null, 2));
  else printAudit(openPage(process.stdout), report, config?.providerId ?? null);
  return report.findingCount === 0 ? 0 : 1;
}

/** The report with what of these books' people and points stands on the chain. */
async function withPrivacy(
  client: ChainClient,
  books: Parameters<typeof auditPrivacy>[1],
  report: AuditReport,
): Promise<AuditReport> {
  const findings = openFindingList({ kept: report.findings, count: report.findingCount });
  await auditPrivacy(client, books, findings.add);
  return { ...report, findings: findings.kept, findingCount: findings.count };
}

async function auditOne(
  client: ChainClient,
  config: ProviderConfig | undefined,
  file: string,
  options: AuditOptions,
): Promise<number> {
  const { evidence, authorizationId } = readEvidenceFile(file);
  const proofs = await findProofs();
  const audit = await auditReceipt(client, evidence, proofs);
  if (options.json)
    console.log(
      JSON.stringify(audit, (_name, value) => (typeof value === 'bigint' ? Number(value) : value), 2),
    );
  else printReceiptAudit(openPage(process.stdout), audit, evidence);
  if (!isSound(audit)) return 1;
  return audit.settlements.length > 0 || audit.forced.some(({ status }) => status === 'paid') ? 0 : 3;

  async function findProofs(): Promise<readonly SettlementProof[]> {
    if (options.proof !== undefined) return readProofs(readJsonFile(options.proof), options.proof);
    if (options.provider !== undefined) return fetchProofs(options.provider, authorizationId);
    if (config !== undefined)
      return withDatabase(config, (db) => {
        const networkId = client.deployment.networkId.toLowerCase() as Hex;
        return settlementProofs({ db, networkId }, authorizationId, new Map());
      });
    return fetchProofs(await providerUrlOf(client, evidence), authorizationId);
  }
}

async function withDatabase<Value>(
  config: ProviderConfig,
  read: (db: ReturnType<typeof openDatabase>) => Promise<Value>,
): Promise<Value> {
  const reached = await reachDatabase(config).catch((error: unknown) => {
    throw new Complaint(
      `The database of ${config.providerId} cannot be reached: ${(error as Error).message}.`,
      'Start the provider, or name its database: P2P_POWER_DATABASE_URL=postgresql://…',
      { cause: error },
    );
  });
  try {
    const db = openDatabase(reached.url, { poolSize: 4 });
    try {
      return await read(db);
    } finally {
      await db.destroy();
    }
  } finally {
    await reached.close();
  }
}
