import { BATTERY_ASSUMPTIONS } from '@p2p-power/planning/study/Battery';
import { type Study, strategies } from '@p2p-power/planning/study/runStudy';
import { chartStyle } from './charts/chartColours.ts';
import { printNumber } from './charts/scale.ts';
import { escapeText } from './charts/svg.ts';
import { percent } from './printSimulation.ts';
import { AVERAGE_GRAMS, AVERAGE_GRAMS_SOURCE, daysOf, type Simulation } from './Simulation.ts';
import { strategyNames } from './strategyNames.ts';
import { studyCharts } from './studyCharts.ts';

const WS_PER_KWH = 3_600_000;

const style = `${chartStyle}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:34px;line-height:1.15;margin:0 0 8px;letter-spacing:-.02em}
h1,h2{overflow-wrap:anywhere}
h2{font-size:24px;margin:56px 0 4px;letter-spacing:-.01em}
h3{font-size:17px;margin:0 0 2px}
p{margin:0 0 12px;max-width:78ch}
.lead,.finding,.notes{color:var(--soft)}
.finding{font-size:14.5px;margin:0 0 14px}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:16px;margin:20px 0}
.key div{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:16px 18px}
.key b{display:block;font-size:30px;line-height:1.15;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.key span{color:var(--soft);font-size:14px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:20px}
figure{margin:0;background:var(--surface);border:1px solid var(--line);border-radius:16px;padding:20px 22px;break-inside:avoid}
figure svg{width:100%;min-width:520px;height:auto;display:block}
.plot{overflow-x:auto}
.scroll{overflow-x:auto;margin:20px 0}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:7px 12px;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--soft)}
th:first-child,td:first-child{text-align:left}
tr.bound td{color:var(--soft)}
.notes{font-size:14px}
.notes li{margin:0 0 6px;max-width:90ch}
a{color:inherit}`;

/** A report of the simulation: one HTML file with its plots, that needs nothing else. */
export function writeReport(simulation: Simulation): string {
  const { sessions, studies, wish } = simulation;
  const body = studies.map(({ file, series, study }) => {
    const [from, to] = daysOf(series, wish.timeZone);
    return (
      `<h2>${escapeText(shipped[file]?.title ?? file)}</h2><p class="lead">Day-ahead prices, ${from} to ${to}.</p>` +
      `${keyFigures(study)}${table(study)}<div class="charts">${studyCharts(study, series, wish.timeZone)
        .map(
          ({ title, finding, svg }) =>
            `<figure><h3>${escapeText(title)}</h3><p class="finding">${escapeText(finding)}</p><div class="plot">${svg}</div></figure>`,
        )
        .join('')}</div>`
    );
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What planned charging saves</title>
<style>
${style}
</style>
</head>
<body>
<main>
<h1>What planned charging saves</h1>
<p class="lead">${printNumber(sessions.played)} real charging sessions (${escapeText(shipped[sessions.file]?.title ?? sessions.file)}), played on real day-ahead
prices. No strategy but perfect foresight knows a price before it is published, and every car leaves with what it could have had at once.</p>
${body.join('\n')}
${notes(simulation)}
</main>
</body>
</html>
`;
}

function keyFigures({ outcomes, savingSharePerMyriad, charges }: Study): string {
  const { at_once: atOnce, ours, ours_grid: sparing } = outcomes;
  const saved = (atOnce.costMicro - ours.costMicro) / Math.abs(atOnce.costMicro || 1);
  const lessRed = 1 - sparing.redWs / Math.max(1, atOnce.redWs);
  const figures = [
    [percent(saved, 1), 'of the energy cost saved by our plan'],
    [percent(savingSharePerMyriad.ours / 10_000, 1), 'of what perfect foresight saves'],
    [printNumber(ours.worseDepartures), `of ${printNumber(charges)} departures worse than at once`],
    [percent(lessRed, 0), 'less energy in red hours of the grid where its signal is heeded'],
  ];
  return `<div class="key">${figures
    .map(
      ([figure = '', means = '']) =>
        `<div><b>${escapeText(figure)}</b><span>${escapeText(means)}</span></div>`,
    )
    .join('')}</div>`;
}

function table({ outcomes }: Study): string {
  const head = [
    '',
    'Cost',
    'CO₂',
    'Highest load',
    'Not charged',
    'Starts',
    'In red hours',
    'Given back',
    'Wear',
  ];
  const rows = strategies.map((strategy) => {
    const outcome = outcomes[strategy];
    const { name, means, isBound } = strategyNames[strategy];
    const cells = [
      `${printNumber(outcome.costMicro / 1_000_000, 2)} €`,
      `${printNumber(outcome.carbonMg / 1_000_000)} kg`,
      `${printNumber(outcome.peakW / 1_000, 1)} kW`,
      `${printNumber(outcome.unmetWs / WS_PER_KWH, 2)} kWh`,
      printNumber(outcome.starts),
      `${printNumber(outcome.redWs / WS_PER_KWH)} kWh`,
      outcome.givenWs === 0 ? '–' : `${printNumber(outcome.givenWs / WS_PER_KWH)} kWh`,
      outcome.wearMicro === 0 ? '–' : `${printNumber(outcome.wearMicro / 1_000_000, 2)} €`,
    ];
    const label = `<td title="${escapeText(means)}">${escapeText(name)}</td>`;
    return `<tr${isBound ? ' class="bound"' : ''}>${label}${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function notes({ carbon, wish, studies, sessions }: Simulation): string {
  const { chargePerMille, dischargePerMille, wearMicroPerKwh, capacitiesWh } = BATTERY_ASSUMPTIONS;
  const study = studies[0]?.study;
  const powers = [...(study?.powersW ?? [])].map(
    ([powerW, users]) => `${powerW / 1_000} kW (${users} users)`,
  );
  const all = [
    ...strategies.map((name) => `${strategyNames[name].name}: ${strategyNames[name].means}.`),
    'Costs are those of the energy at the exchange, without grid fees, levies and tax.',
    'Each session is moved by whole weeks to the nearest season of the prices’ calendar: weekday, local time and length stay. ' +
      'Loads are added up on the sessions’ own calendar.',
    'Day-ahead prices are known at 13:00 for the next day; beyond, the mean of the seven days before at the same time is expected.',
    `Charging power is not in the sessions: ${wish.powerW === undefined ? `the least usual charger that gives the highest average power a user was seen with: ${powers.join(', ')}` : `${wish.powerW / 1_000} kW for all`}.`,
    'The departure is known at arrival. What a car could not have had at once either (not charged) is the same for all.',
    `Batteries of ${capacitiesWh.map((wh) => wh / 1_000).join(', ')} kWh are drawn by seed ${wish.seed}; ${chargePerMille / 10} % and ${dischargePerMille / 10} % efficiency in and out, ` +
      `${wearMicroPerKwh / 10_000} ct wear for each kWh given back; what is given back earns the exchange’s price.`,
    'Red are the hours in which all cars, charging at once, draw 80 % or more of their highest hour, yellow from 60 % on.',
    carbon === undefined
      ? `CO₂: ${AVERAGE_GRAMS} g/kWh at all times (${AVERAGE_GRAMS_SOURCE}).`
      : `CO₂: ${carbon.file}, moved by whole weeks to the prices’ calendar where it is of other years.`,
  ];
  const files = [sessions.file, ...studies.map(({ file }) => file)];
  const sources = Object.entries(shipped).filter(([file]) => files.includes(file));
  return (
    `<h2>How this was reckoned</h2><ul class="notes">${all.map((note) => `<li>${escapeText(note)}</li>`).join('')}</ul>` +
    (sources.length === 0
      ? ''
      : `<h2>Sources</h2><ul class="notes">${sources.map(([file, { source }]) => `<li>${escapeText(file)}: ${escapeText(source)}</li>`).join('')}</ul>`)
  );
}

/** What the shipped data is, and whose (data/SOURCES.md). */
const shipped: Readonly<Record<string, { readonly title: string; readonly source: string }>> = {
  'trondheim_residential_sessions.csv': {
    title: 'housing garages in Trondheim, 2018 to 2020',
    source:
      'Å. L. Sørensen, K. B. Lindberg, I. Sartori, I. Andresen, Residential electric vehicle charging datasets from apartment buildings, Data in Brief 36 (2021) 107105, doi:10.1016/j.dib.2021.107105, CC BY 4.0',
  },
  'at_dayahead_15min_energycharts.csv': {
    title: 'Austria, quarter-hours of 2025/26',
    source: 'Bundesnetzagentur | SMARD.de, through Energy-Charts (energy-charts.info), CC BY 4.0',
  },
  'de_hourly_2024_ct_per_kwh.csv': {
    title: 'Germany, hours of 2024',
    source: 'Bundesnetzagentur | SMARD.de, CC BY 4.0',
  },
};
