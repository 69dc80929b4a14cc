import { dawn, day, plainTariff, steadyReadings } from '@p2p-power/protocol/testing/world';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { addParts, type TaxPart } from '@p2p-power/tariff/taxParts';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type MoneyWorld, openMoneyWorld } from '../testing/moneyWorld.ts';
import type { DriverStatement, StatementLine } from './StatementSchemas.ts';

const billing = { energyMicroPerKwh: 95_000, gridMicroPerKwh: 71_234, leviesMicroPerKwh: 20_500 };
/** 0.39 a kWh at 19 %, and 3.00 for an hour of standing at 7 %. */
const twoRates: Tariff = {
  ...plainTariff,
  elements: [
    {
      priceComponents: [
        { type: 'ENERGY', priceMicro: 390_000, vatBp: 1_900, stepSize: 1 },
        { type: 'PARKING_TIME', priceMicro: 3_000_000, vatBp: 700, stepSize: 1 },
      ],
    },
  ],
};
/** 11 kWh in an hour, then standing for half an hour. */
const stood = (at: number) => {
  const charged = steadyReadings(at, 3_600, 11_000);
  const last = charged.at(-1) as (typeof charged)[number];
  return [
    ...charged.slice(0, -1),
    { ...last, state: 'parking' as const },
    { ...last, at: last.at + 1_800, state: 'parking' as const },
  ];
};

let world: MoneyWorld;
beforeAll(async () => {
  world = await openMoneyWorld({ config: { billing } });
  await deliver([await world.charge('before any promotion')]);
  for (const promotion of [
    { id: 'first', title: 'First 5 kWh', benefit: { type: 'free-energy', energyWh: 5_000 } },
    { id: 'tenth', title: 'A tenth off', benefit: { type: 'percent-off', perMille: 100 } },
  ]) {
    const rest = { currency: 'EUR', startsAt: dawn - day, endsAt: dawn + day };
    const added = await world.a.call('POST', '/admin/promotions', {
      as: 'staff',
      body: { ...promotion, ...rest },
    });
    expect(added.status).toBe(200);
  }
  await deliver([
    await world.charge('two rates', { tariff: twoRates, readings: stood(dawn + 3_600) }),
    await world.charge('bounded', {
      readings: steadyReadings(dawn + 5_400, 1_800, 10_000),
      authorization: { maxAmountMicro: 1_000_001 },
    }),
  ]);
});
afterAll(() => world.close());

async function deliver(charges: Parameters<MoneyWorld['seal']>[0]) {
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(charges)] } });
  await deliverEvidence(world.b.context);
}
const statement = async (query = '') =>
  (await world.a.call('GET', `/me/statement${query}`, { as: 'anna' })).body as DriverStatement;
const part = (vatBp: number, exclVatMicro: number, vatMicro: number): TaxPart => ({
  vatBp,
  exclVatMicro,
  vatMicro,
});
const grossOf = (parts: readonly TaxPart[]) =>
  parts.reduce((sum, { exclVatMicro, vatMicro }) => sum + exclVatMicro + vatMicro, 0);

describe('a discount lowers the tax', () => {
  test('of a charge with several rates: free energy at the rate of energy, per cents at each', async () => {
    const line = (await statement()).lines.find(({ taxes }) => taxes.length === 2) as StatementLine;
    // 11 kWh × 0.39 and 19 %; half an hour × 3.00 and 7 %.
    expect(line.taxes).toEqual([part(700, 1_500_000, 105_000), part(1_900, 4_290_000, 815_100)]);
    const [free, tenth] = line.promotions;
    // 5 of 11 kWh after tax, rounded up: 2.320500.
    expect(free).toMatchObject({ promotionId: 'first', amountMicro: 2_320_500 });
    expect(free?.taxes).toEqual([part(1_900, 1_950_000, 370_500)]);
    // A tenth of 1.605 and of 2.7846, together 0.43896.
    expect(tenth).toMatchObject({ promotionId: 'tenth', amountMicro: 438_960 });
    expect(tenth?.taxes).toEqual([part(700, 150_000, 10_500), part(1_900, 234_000, 44_460)]);
    expect(line.owedTaxes).toEqual([part(700, 1_350_000, 94_500), part(1_900, 2_106_000, 400_140)]);
    expect([line.promotionVatMicro, line.owedVatMicro]).toEqual([425_460, 494_640]);
    // The charge itself stays as it was, and its split too.
    expect([line.vatMicro, line.split?.vatMicro]).toEqual([920_100, 920_100]);
  });

  test('and everything adds up to the micro-unit, by charge and in sum', async () => {
    const whole = await statement();
    expect(whole.lines).toHaveLength(3);
    for (const line of whole.lines) {
      for (const { amountMicro, taxes } of line.promotions) expect(grossOf(taxes ?? [])).toBe(amountMicro);
      expect(grossOf(line.taxes)).toBe(line.chargeMicro);
      expect(grossOf(line.owedTaxes)).toBe(line.chargeMicro - line.promotionMicro);
      expect(line.owedVatMicro).toBe(line.owedTaxes.reduce((sum, { vatMicro }) => sum + vatMicro, 0));
    }
    expect(whole.owedTaxes).toEqual(addParts(whole.lines.flatMap(({ owedTaxes }) => owedTaxes)));
    expect(grossOf(whole.owedTaxes)).toBe(whole.totalMicro + whole.creditMicro);
    expect(whole.owedVatMicro).toBe(whole.vatMicro - whole.promotionVatMicro);
  });

  test('on the bill of one charge and in the list of charges as on the statement', async () => {
    const line = (await statement()).lines.find(({ taxes }) => taxes.length === 2) as StatementLine;
    const bill = await world.a.call('GET', `/me/charges/${line.cdrId}/bill`, { as: 'anna' });
    expect(bill.body).toMatchObject({ owedTaxes: line.owedTaxes, promotions: line.promotions });
    const list = await world.a.call('GET', '/me/charges', { as: 'anna' });
    const listed = list.body.charges.find(({ cdrId }: { cdrId: string }) => cdrId === line.cdrId);
    expect(listed.promotions).toEqual(line.promotions);
  });

  test('in both CSVs and in the views', async () => {
    const whole = await statement();
    const csv = String(await statement('?format=csv'));
    const [head = '', ...rows] = csv.trimEnd().split('\r\n');
    const at = (name: string) => head.split(',').indexOf(name);
    const micro = (cell: string | undefined) => Number((cell ?? '').replace('.', ''));
    const sum = (name: string) => rows.reduce((total, row) => total + micro(row.split(',')[at(name)]), 0);
    expect([sum('promotion_vat'), sum('owed_vat')]).toEqual([whole.promotionVatMicro, whole.owedVatMicro]);

    const byRate = String(await statement('?format=csv&rows=taxes'))
      .trimEnd()
      .split('\r\n');
    expect(byRate[0]).toBe('ended_at,cdr_id,kind,title,vat_percent,net,vat,gross,currency');
    const two = whole.lines.find(({ taxes }) => taxes.length === 2) as StatementLine;
    const ofTwo = byRate.filter((row) => row.includes(two.cdrId)).map((row) => row.split(',').slice(2));
    expect(ofTwo).toEqual([
      ['charge', '', '7.00', '1.500000', '0.105000', '1.605000', 'EUR'],
      ['charge', '', '19.00', '4.290000', '0.815100', '5.105100', 'EUR'],
      ['promotion', 'First 5 kWh', '19.00', '-1.950000', '-0.370500', '-2.320500', 'EUR'],
      ['promotion', 'A tenth off', '7.00', '-0.150000', '-0.010500', '-0.160500', 'EUR'],
      ['promotion', 'A tenth off', '19.00', '-0.234000', '-0.044460', '-0.278460', 'EUR'],
    ]);
    const column = (name: number) => byRate.slice(1).map((row) => micro(row.split(',')[name]));
    const total = (cells: readonly number[]) => cells.reduce((all, cell) => all + cell, 0);
    expect([total(column(6)), total(column(7))]).toEqual([whole.owedVatMicro, whole.totalMicro]);

    const { db } = world.a.database;
    const views = await sql<Record<string, string>>`
      select (select sum(promotion_vat) from billing_charges) as vat, (select sum(promotion_net) from billing_charges) as net,
        (select sum(owed_vat) from billing_split) as owed_vat, (select sum(gross) from billing_promotion) as gross,
        (select sum(vat) from billing_promotion) as vat_by_rate, (select count(*) from billing_charges) as charges`.execute(
      db,
    );
    const [row] = views.rows;
    expect(micro(row?.vat)).toBe(whole.promotionVatMicro);
    expect(micro(row?.vat_by_rate)).toBe(whole.promotionVatMicro);
    expect(micro(row?.net)).toBe(whole.promotionMicro - whole.promotionVatMicro);
    expect(micro(row?.gross)).toBe(whole.promotionMicro);
    expect(micro(row?.owed_vat)).toBe(whole.owedVatMicro);
    expect(row?.charges).toBe('3');
  });
});

test('the operator and its provider learn nothing of it', async () => {
  const { body } = await world.b.call('GET', '/admin/operators/bert/statement', { as: 'staff' });
  const charged = (await statement()).chargeMicro;
  expect(body).toMatchObject({ count: 3, chargeMicro: charged, earnedMicro: charged });
  expect(JSON.stringify(body)).not.toMatch(/promotion|discount|First 5 kWh/i);
  expect(await world.b.database.db.selectFrom('promotion_tax').selectAll().execute()).toEqual([]);
});

test('what was billed before discounts lowered the tax stays as it was billed', async () => {
  const { db } = world.a.database;
  const before = await statement();
  const line = before.lines.find(({ promotions }) => promotions.length === 2) as StatementLine;
  // So such charges lie in a database that was there before.
  await db.deleteFrom('promotion_tax').where('cdr_id', '=', line.cdrId).execute();
  const after = await statement();
  const old = after.lines.find(({ cdrId }) => cdrId === line.cdrId) as StatementLine;
  expect(old.promotions.map(({ taxes }) => taxes)).toEqual([null, null]);
  expect([old.promotionMicro, old.promotionVatMicro]).toEqual([line.promotionMicro, 0]);
  expect([old.owedTaxes, old.owedVatMicro]).toEqual([line.taxes, line.vatMicro]);
  expect([after.totalMicro, after.vatMicro]).toEqual([before.totalMicro, before.vatMicro]);
  const rows = String(await statement('?format=csv&rows=taxes')).split('\r\n');
  expect(rows.filter((row) => row.includes(`${line.cdrId},payment`))).toHaveLength(2);
  const [view] = (
    await sql<{ vat: string | null; owed_vat: string; gross: string }>`
      select promotion_vat as vat, owed_vat, (select sum(gross) from billing_promotion where cdr_id = ${line.cdrId}) as gross
      from billing_split where cdr_id = ${line.cdrId}`.execute(db)
  ).rows;
  expect(view).toEqual({
    vat: null,
    owed_vat: (line.vatMicro / 1e6).toFixed(6),
    gross: (line.promotionMicro / 1e6).toFixed(6),
  });
});
