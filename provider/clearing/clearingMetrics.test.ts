import type { EndpointReport } from '@p2p-power/chain/RpcEndpoints';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ProviderContext } from '../ProviderContext.ts';
import { registerClearingMetrics } from './clearingMetrics.ts';

const report = (change: Partial<EndpointReport>): EndpointReport => ({
  name: 'node.example:8545',
  state: 'sound',
  blockNumber: 7,
  isLagging: false,
  reason: null,
  ...change,
});

test('how the nodes of the chain stand: up, down, lagging, not yet asked', async () => {
  const registry = new Registry();
  const endpoints = () => [
    report({ name: 'own' }),
    report({ name: 'dead', state: 'unreachable', blockNumber: null }),
    report({ name: 'foreign', state: 'wrong-chain', blockNumber: null }),
    report({ name: 'slow', isLagging: true, blockNumber: 3 }),
    report({ name: 'spare', state: 'untried', blockNumber: null }),
  ];
  // Of the context only what these two figures need; those of the database are asked elsewhere.
  registerClearingMetrics({ metrics: { registry }, chain: { endpoints } } as unknown as ProviderContext);
  const up = await registry.getSingleMetricAsString('p2p_power_chain_endpoint_up');
  expect(up.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'p2p_power_chain_endpoint_up{endpoint="own"} 1',
    'p2p_power_chain_endpoint_up{endpoint="dead"} 0',
    'p2p_power_chain_endpoint_up{endpoint="foreign"} 0',
    'p2p_power_chain_endpoint_up{endpoint="slow"} 0',
  ]);
  const block = await registry.getSingleMetricAsString('p2p_power_chain_endpoint_block');
  expect(block).toContain('p2p_power_chain_endpoint_block{endpoint="own"} 7');
  expect(block).not.toContain('dead');
});
