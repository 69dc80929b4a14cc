import type { KeyedBesuProvider } from './BesuNetwork.ts';
import { besuVersion, isLoopback, nodePaths } from './makeNodeConfig.ts';

/** Memory of the Java heap; twice as much should be free on the machine. */
const heap = '-Xmx4g';

/**
 * `compose.yaml`: the node in a container on the machine's own network, with the same configuration file as under
 * systemd. The image sets the RPC addresses to all interfaces by environment variables, which go before the
 * configuration file: here they are set back.
 */
export function makeComposeFile(provider: KeyedBesuProvider): string {
  return `# Node of ${provider.providerId} in a container: docker compose up -d
name: p2p-power-chain
services:
  besu:
    image: hyperledger/besu:${besuVersion}
    restart: unless-stopped
    # Not behind a bridge: the configuration says on which addresses it listens.
    network_mode: host
    command: ["--config-file=${nodePaths.config}/config.toml"]
    environment:
      BESU_RPC_HTTP_HOST: "${provider.rpcHost}"
      BESU_RPC_WS_HOST: "127.0.0.1"
      BESU_GRAPHQL_HTTP_HOST: "127.0.0.1"
      BESU_OPTS: "${heap}"
    volumes:
      - ./:${nodePaths.config}:ro
      - data:${nodePaths.data}
    # Long enough to close its database.
    stop_grace_period: 2m
    logging:
      options: { max-size: "50m", max-file: "10" }
volumes:
  data: {}
`;
}

/** `besu.service`: the node under systemd, as a user of its own. */
export function makeSystemdUnit(provider: KeyedBesuProvider): string {
  return `# Node of ${provider.providerId}: copy to /etc/systemd/system/besu.service
[Unit]
Description=Validator of the P2P-Power chain (${provider.providerId})
Documentation=https://besu.hyperledger.org
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
User=besu
Group=besu
Environment=BESU_OPTS=${heap}
ExecStart=/opt/besu/bin/besu --config-file=${nodePaths.config}/config.toml
Restart=always
RestartSec=5
# Long enough to close its database.
TimeoutStopSec=120
SuccessExitStatus=143
LimitNOFILE=65536
StateDirectory=besu
StateDirectoryMode=0700
UMask=0077
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
PrivateDevices=true
ProtectKernelTunables=true
ProtectControlGroups=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK

[Install]
WantedBy=multi-user.target
`;
}

/** How the operator asks the node about its validators: where these calls are. */
export function operatorAddress(provider: KeyedBesuProvider): string {
  return isLoopback(provider.rpcHost)
    ? `http://${provider.rpcHost}:${provider.rpcPort}`
    : 'ws://127.0.0.1:8546';
}
