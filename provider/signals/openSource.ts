import type { SignalConfig } from './SignalConfig.ts';
import type { SignalSource, SourcePorts } from './SignalSource.ts';
import { awattar } from './sources/awattar.ts';
import { energyCharts } from './sources/energyCharts.ts';
import { entsoe } from './sources/entsoe.ts';
import { file } from './sources/file.ts';
import { openadr3 } from './sources/openadr3.ts';
import { smard } from './sources/smard.ts';

/** The source that a configuration names. It keeps what makes asking again cheaper: a token, a file that has been read. */
export function openSource({ kind, source }: SignalConfig, ports: SourcePorts): SignalSource {
  switch (source.type) {
    case 'awattar':
      return awattar(source, ports);
    case 'energy-charts':
      return energyCharts(kind === 'carbon' ? 'carbon' : 'price', source, ports);
    case 'entsoe':
      return entsoe(source, ports);
    case 'smard':
      return smard(source, ports);
    case 'openadr3':
      return openadr3(kind, source, ports);
    case 'file':
      return file(kind, source, ports);
  }
}
